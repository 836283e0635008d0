import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One numbered step of the schema, as its two files say. */
export interface Migration {
  /** From the file name; starts at 1. */
  readonly number: number;
  /** The file name without `.up.sql`, for example `0001-event-log`. */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** SHA-256 of the `up` file in hex; line ends do not count. */
  readonly checksum: string;
}

/** A wish that cannot be granted: the message is one sentence for the person at the keyboard. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

const read = async (folder: string, file: string): Promise<string> =>
  (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');

/**
 * All migrations in `folder`, by number.
 *
 * @throws MigrationRefused for a misnamed file, a number used twice, or an `up` without its `down`.
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /\.(up|down)\.sql$/.test(file)).sort();
  const ups = files.filter((file) => file.endsWith('.up.sql'));
  const missing = files.find(
    (file) => !files.includes(file.replace(/\.(up|down)\.sql$/, file.endsWith('.up.sql') ? '.down.sql' : '.up.sql')),
  );
  if (missing !== undefined)
    throw new MigrationRefused(`The migration file ${missing} has no counterpart: every "up" needs a "down".`);
  const migrations = await Promise.all(
    ups.map(async (file): Promise<Migration> => {
      const name = file.slice(0, -'.up.sql'.length);
      const number = Number(/^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1] ?? Number.NaN);
      if (!(number > 0))
        throw new MigrationRefused(
          `The migration file ${file} is misnamed: it must look like 0001-what-it-does.up.sql.`,
        );
      const up = await read(folder, file);
      return {
        number,
        name,
        up,
        down: await read(folder, `${name}.down.sql`),
        checksum: createHash('sha256').update(up).digest('hex'),
      };
    }),
  );
  const twice = migrations.find((migration, at) => migrations[at - 1]?.number === migration.number);
  if (twice !== undefined) throw new MigrationRefused(`Two migrations have the number of ${twice.name}.`);
  return migrations;
}
