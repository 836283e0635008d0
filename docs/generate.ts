import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asksForHelp } from '@rollbook/shared/process/answer-words';
import { asyncApiDocument } from './asyncapi/document.ts';
import { breaks, eventSchemas } from './asyncapi/event-schemas.ts';
import { publish, publishedSchemas } from './asyncapi/published.ts';
import { clientTypes } from './client-types.ts';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { openApiDocument } from './openapi/document.ts';
import { rolesPage } from './roles-page.ts';

// The pages are committed, so that a change shows in review; test/architecture/generated-docs.test.ts compares them.

/** Each page, and the file it is written to. */
export const PAGES: Readonly<Record<string, { readonly file: string; readonly make: () => string | Promise<string> }>> =
  {
    roles: { file: join(import.meta.dirname, 'roles.md'), make: rolesPage },
    openapi: {
      file: join(import.meta.dirname, '../openapi.json'),
      make: () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
    },
    asyncapi: {
      file: join(import.meta.dirname, '../asyncapi.json'),
      make: () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
    },
    client: { file: join(import.meta.dirname, 'client/rollbook-api.d.ts'), make: clientTypes },
    configuration: { file: join(import.meta.dirname, 'configuration.md'), make: configurationPage },
    errors: { file: join(import.meta.dirname, 'errors.md'), make: errorsPage },
  };

/** Made from another one, and written with it. */
const WITH: Readonly<Record<string, readonly string[]>> = { openapi: ['client'] };

/** Consumers have read what is published: a change that they would trip over is not written. What is new is published. */
const refuseBreaks = async (): Promise<void> => {
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
