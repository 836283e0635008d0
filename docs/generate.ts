import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asksForHelp } from '@rollbook/shared/process/answer-words';

// The pages are committed, so that a change shows in review; test/architecture/generated-docs.test.ts compares them.

const toText = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

interface Page {
  readonly file: string;
  readonly make: () => Promise<string>;
}

/** Each page, and the file it is written to. What makes it is loaded then: most of the product. */
export const PAGES: Readonly<Record<string, Page>> = {
  roles: {
    file: join(import.meta.dirname, 'roles.md'),
    make: async () => (await import('./roles-page.ts')).rolesPage(),
  },
  openapi: {
    file: join(import.meta.dirname, '../openapi.json'),
    make: async () => toText((await import('./openapi/document.ts')).openApiDocument()),
  },
  asyncapi: {
    file: join(import.meta.dirname, '../asyncapi.json'),
    make: async () => toText((await import('./asyncapi/document.ts')).asyncApiDocument()),
  },
  client: {
    file: join(import.meta.dirname, 'client/rollbook-api.d.ts'),
    make: async () => (await import('./client-types.ts')).clientTypes(),
  },
  configuration: {
    file: join(import.meta.dirname, 'configuration.md'),
    make: async () => (await import('./configuration-page.ts')).configurationPage(),
  },
  errors: {
    file: join(import.meta.dirname, 'errors.md'),
    make: async () => (await import('./errors-page.ts')).errorsPage(),
  },
};

/** Made from another one, and written with it. */
const WITH: Readonly<Record<string, readonly string[]>> = { openapi: ['client'] };

/** Consumers have read what is published: a change that they would trip over is not written. What is new is published. */
const refuseBreaks = async (): Promise<void> => {
  const { breaks, eventSchemas } = await import('./asyncapi/event-schemas.ts');
  const { publish, publishedSchemas } = await import('./asyncapi/published.ts');
  const found = breaks(await publishedSchemas(), eventSchemas());
  if (found.length > 0) {
    console.error(found.join('\n'));
    process.exit(1);
  }
  await publish(eventSchemas());
};

const HELP = `Usage: npm run docs [-- <page> …]

Writes the documents that are made from the code: ${Object.keys(PAGES).join(', ')}; without a word all of them.
"npm test" fails while one of them is not as it would be written now. An asyncapi that consumers of what is published would
trip over is not written.

Exit codes: 0 written, 1 refused, 2 wrong usage.`;

if (import.meta.main && process.argv.slice(2).some(asksForHelp)) console.log(HELP);
else if (import.meta.main) {
  const wanted = process.argv.slice(2).flatMap((name) => [name, ...(WITH[name] ?? [])]);
  const unknown = wanted.find((name) => !Object.hasOwn(PAGES, name));
  if (unknown === undefined) {
    for (const [name, { file, make }] of Object.entries(PAGES))
      if (wanted.length === 0 || wanted.includes(name)) {
        const made = await make();
        if (name === 'asyncapi') await refuseBreaks();
        await writeFile(file, made);
        console.log(`wrote ${file}`);
      }
  } else {
    console.error(`There is no page "${unknown}".\n\n${HELP}`);
    process.exitCode = 2;
  }
}
