import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncApiDocument } from './asyncapi/document.ts';
import { breaks, schemasIn, type Documented } from './asyncapi/event-schemas.ts';
import { errorsPage } from './errors-page.ts';
import { openApiDocument } from './openapi/document.ts';
import { rolesPage } from './roles-page.ts';

// `npm run docs` writes every generated page, `npm run docs -- errors` only that one. They are committed, so that a
// change shows in review; test/architecture/generated-docs.test.ts compares them.

/** Each page, and the file it is written to. */
export const PAGES: Readonly<Record<string, { readonly file: string; readonly make: () => string }>> = {
  roles: { file: join(import.meta.dirname, 'roles.md'), make: rolesPage },
  openapi: {
    file: join(import.meta.dirname, '../openapi.json'),
    make: () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
  },
  asyncapi: {
    file: join(import.meta.dirname, '../asyncapi.json'),
    make: () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  },
  errors: { file: join(import.meta.dirname, 'errors.md'), make: errorsPage },
};

/** Consumers have read what is committed: a change that they would trip over is not written. */
const refuseBreaks = async (file: string, made: string): Promise<void> => {
  const before = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Documented;
  const found = breaks(schemasIn(before), schemasIn(JSON.parse(made) as Documented));
  if (found.length === 0) return;
  console.error(found.join('\n'));
  process.exit(1);
};

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !Object.hasOwn(PAGES, name));
  if (unknown === undefined) {
    for (const [name, { file, make }] of Object.entries(PAGES))
      if (wanted.length === 0 || wanted.includes(name)) {
        const made = make();
        if (name === 'asyncapi') await refuseBreaks(file, made);
        await writeFile(file, made);
        console.log(`wrote ${file}`);
      }
  } else {
    console.error(`There is no page "${unknown}": name some of ${Object.keys(PAGES).join(', ')}.`);
    process.exitCode = 2;
  }
}
