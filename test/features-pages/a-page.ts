const TICKS = '```';
const example = (language: string, text: string): string => `${TICKS}${language}\n${text}\n${TICKS}\n`;

/** The least page that has the shape of a page about a feature; tests break it where they want. */
export const A_PAGE = `# A feature

**Tags:** \`[dev-spec]\`, \`[api]\`
**Last Updated:** 2026-11-21 | **Primary Owner:** Rollbook maintainers

> **Product Context:** What it is for: the [settings](../settings.md).

---

## TL;DR

It does something. Search terms: something, anything.

## Architecture & Flow

1. It flows.

## Dependencies & Integrations

- It depends.

## API / Interfaces

| Request | Answer |
| :------ | :----- |
| \`GET /v1/users/{user_id}\` | 200 |

## Configuration & Environment Variables

| Variable Name | Required | Default | Description |
| :------------ | :------: | :------ | :---------- |
| \`ACCESS_TOKEN_TTL\` | No | \`900\` | how long |

---

## Usage & Code Examples

### Asking

${example('bash', `curl --version > /dev/null; export NAME=ada; echo '{"name": "'$NAME'", "age": null}'`)}
${example('python', `import json, os\nprint(200)\nprint(json.dumps({"name": os.environ["NAME"], "age": 36}, indent=2))`)}
${example('javascript', `console.log(JSON.stringify({ name: process.env.NAME, age: 36 }, null, 2));`)}
**Expected Response (200):**

${example('json', `{ "name": "ada", "age": 36 }`)}
## Warnings, Notes, and Tips

> **WARNING:** Take care.

## Known Issues

None known.

## Search Keywords

\`a\`, \`b\`, \`c\`
`;
