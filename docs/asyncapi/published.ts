import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventSchemas } from './event-schemas.ts';

/** One file for each type that was ever published, with the schema that its consumers have read. Files only come. */
export const PUBLISHED = join(import.meta.dirname, 'published');

/** The published schemas, by type. */
export const publishedSchemas = async (folder = PUBLISHED): Promise<EventSchemas> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const schemas = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as object),
  );
  return Object.fromEntries(files.map((file, index) => [file.slice(0, -'.json'.length), schemas[index] ?? {}]));
};

/** Writes what is new, and touches nothing that is there. */
export const publish = async (schemas: EventSchemas, folder = PUBLISHED): Promise<void> => {
  const known = await publishedSchemas(folder);
  for (const [type, schema] of Object.entries(schemas))
    if (!Object.hasOwn(known, type))
      await writeFile(join(folder, `${type}.json`), `${JSON.stringify(schema, null, 2)}\n`, { flag: 'wx' });
};
