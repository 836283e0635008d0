import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { A_PAGE } from './a-page.ts';
import { examplesOf, responsesOf } from './examples.ts';
import { deadLinks } from './links.ts';
import { endedAt, otherResponses, untoldErrors } from './page-faults.ts';
import { shapeFaults } from './page-shape.ts';
import { readPage } from './read-page.ts';
import { findPython, runExamples } from './run-page.ts';

const FILE = 'docs/features/planted.md';
/** The page with a fault planted. */
const with_ = (from: string | RegExp, to: string): string => {
  const planted = A_PAGE.replace(from, to);
  if (planted === A_PAGE) throw new Error(`${String(from)} stands nowhere in the page`);
  return planted;
};

/** Usage that shows one code of an error and prints another. */
const errorShown = (shown: string, printed: string): string =>
  ['bash', `echo '{"error":{"code":"${printed}"}}'`, 'json', `{ "error": { "code": "${shown}" } }`]
    .map((text, at) => (at % 2 === 0 ? `\`\`\`${text}\n` : `${text}\n\`\`\`\n`))
    .join('')
    .replace('```json', '\n**Expected Response:**\n\n```json');

describe('The shape of a page about a feature', () => {
  test('is that of the least page', () => {
    expect(shapeFaults(readPage(FILE, A_PAGE))).toStrictEqual([]);
  });

  test.each<[string, string | RegExp, string]>([
    ['begins with no heading of the first level', '# A feature', 'A feature'],
    ['lacks **Tags:**', '`[dev-spec]`, ', ''],
    ['lacks **Last Updated:**', '2026-11-21', '2026-02-30'],
    ['lacks **Last Updated:**', 'Rollbook maintainers', 'Somebody'],
    ['lacks > **Product Context:**', '> **Product Context:**', '>'],
    ['has no link into the documentation', '[settings](../settings.md)', 'settings'],
    ['lacks ## Known Issues', '## Known Issues', '### Known Issues'],
    ['has ## More (line', '## Known Issues', '## More\n\n## Known Issues'],
    ['has its sections in another order', /(## Known[^]*)(## Search[^]*)/, '$2\n$1'],
    ['has nothing in ## Known Issues', 'None known.', ''],
    ['says no "Search terms:"', 'Search terms:', 'Terms:'],
    ['has no table in ## API', /^\| (?:Request|:-----|`GET).*\n/gm, ''],
    ['names GET /v1/people/{id} in line', '/v1/users/{user_id}', '/v1/people/{id}'],
    ['has neither | Variable Name', 'Required | Default', 'Default | Required'],
    ['names NO_TTL, which docs/', 'ACCESS_TOKEN_TTL', 'NO_TTL'],
    ['says that ACCESS_TOKEN_TTL is "901"', '`900`', '`901`'],
    ['has no example in python', '```python', '```text'],
    ['has no example with curl', 'curl', 'wget'],
    ['has a fence of "sh"', '```bash', '```sh'],
    ['has an example in bash in line', 'None known.', '```bash\nls\n```'],
    ['uses jq', 'curl', 'jq . && curl'],
    ['has JSON in line', '{ "name": "ada"', '{ name: "ada"'],
    ['under no **Expected Response:**', '**Expected Response (200):**', 'It says:'],
    ['that does not read **Expected Response', '**Expected Response (200):**', '**Expected response:**'],
    ['it is compared with nothing', 'None known.', '**Expected Response (200):**'],
    ['has a fence in line', 'None known.', '> ```bash'],
    ['has a quotation in line', '> **WARNING:**', '> **CAREFUL:**'],
    ['has fewer than three `keywords`', ', `c`', ''],
  ])('%s', (fault, from, to) => {
    expect(shapeFaults(readPage(FILE, with_(from, to)))).toContainEqual(expect.stringContaining(fault));
  });
});

describe('A link', () => {
  const page = (target: string) => readPage(FILE, `# A *page*, of \`one\`\n## a\n## a\n[it](${target})\n`);
  const dead = (target: string) => deadLinks(page(target), [page(target)]);
  test.each(['#a-page-of-one', '#a-1', 'signing-in.md', '../adr', 'https://example.org/x'])(
    'to %s is alive',
    (target) => expect(dead(target)).toStrictEqual([]),
  );
  test.each(['#b', '#a-2', 'signing-out.md', '../../../elsewhere.md', '../../openapi.json#a'])(
    'to %s is dead',
    (target) => expect(dead(target)).toHaveLength(1),
  );
});

const python = await findPython();

(python === null ? describe.skip : describe)('An example (they need python3)', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rollbook-no-data-'));
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  const faultsOf = async (text: string, within = 30_000): Promise<readonly string[]> => {
    const page = readPage(FILE, text);
    const examples = examplesOf(page);
    const run = await runExamples(examples, { dataDir, env: {}, python: python ?? '', before: '' }, { within });
    const responses = responsesOf(page);
    const { outcomes } = run;
    return [
      ...endedAt(run, examples.length),
      ...untoldErrors(outcomes, responses),
      ...otherResponses(outcomes, responses),
    ];
  };

  test('in each language runs as pasted, sees what the shell exported, and prints what is shown', async () => {
    expect(await faultsOf(A_PAGE)).toStrictEqual([]);
  });

  test.each<[string, string | RegExp, string]>([
    [':41 (bash) ended with 3. It printed:\nsaid\nwhy\n', 'curl ', 'echo said; echo why >&2; (exit 3); curl '],
    [':45 (python) ended with 1. It printed:\nTraceback', 'import json', 'import requests, json'],
    [':51 (javascript) ended with 1. It printed:\n', 'console.log', 'console.lag'],
    [':41 (bash) ended with 1', 'curl ', 'echo $UNSET; curl '],
    [':41 (bash) was answered with an error', 'curl ', `echo '{"error": {}}'; curl `],
    ['is 200, and docs/features/planted.md:45 (python) printed 404', 'print(200)', 'print(404)'],
    ['(javascript) differ: $.nom is there and not shown', 'name: process', 'nom: 1, name: process'],
    ['(python) differ: $.age is shown as number and is string', '36}', '"36"}'],
    ['(bash) differ: $.age is shown and not there', ', "age": null', ''],
    ['$.error is {"code":"B"', /^### Asking[^]*?(?=## Warnings)/m, errorShown('A', 'B')],
    [
      'this response shows JSON, and no example above it prints any',
      /^### Asking[^]*?(?=\*\*Exp)/m,
      '```bash\n:\n```\n',
    ],
    ['this response has no example above it', '**Expected', '### Later\n\n**Expected'],
  ])('that is wrong is told: %s', async (fault, from, to) => {
    expect(await faultsOf(with_(from, to))).toContainEqual(expect.stringContaining(fault));
  });

  test('may print more than a response shows in part, and not less', async () => {
    const inPart = (shown: string): string =>
      with_('Response (200):', 'Response (200), in part:').replace('{ "name": "ada", "age": 36 }', shown);
    expect(await faultsOf(inPart('{ "name": "ada" }'))).toStrictEqual([]);
    expect(await faultsOf(inPart('{ "names": [] }'))).toContainEqual(
      expect.stringContaining('$.names is shown and not'),
    );
  });

  test('that never ends is ended, with all that it started', async () => {
    const found = await faultsOf(with_('curl ', 'echo begun; sleep 60 & wait; curl '), 500);
    expect(found).toContainEqual(expect.stringContaining(':41 (bash) did not end. It printed:\nbegun'));
  });
});
