import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** A string in the forms in which it may stand somewhere: plain, as hex, and as base64 at each of three offsets. */
const formsOf = (text: string): readonly string[] => {
  const base64 = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text, 'utf8')]);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
    // The first group may hold bytes that are not of the string.
    return whole.toString('base64').slice(offset === 0 ? 0 : 4);
  });
  return [text, Buffer.from(text, 'utf8').toString('hex'), ...base64];
};

/** Looks for many strings at once, in any letter case of the plain form. */
export class Wanted {
  readonly #forms: readonly (readonly [string, string])[];

  constructor(strings: readonly string[]) {
    this.#forms = strings.flatMap((text) => formsOf(text).map((form) => [text, form] as const));
  }

  /** Which of the strings stand in the text. */
  in(text: string): readonly string[] {
    const lower = text.toLowerCase();
    return [...new Set(this.#forms.filter(([, form]) => text.includes(form) || lower.includes(form)).map(([s]) => s))];
  }
}

/** Every row of every table outside PostgreSQL's own schemas, as text by table; bytes as hex. */
export const everyTable = async (databaseUrl: string): Promise<ReadonlyMap<string, string>> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const found = new Map<string, string>();
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      found.set(name, rows.map(({ row }) => row).join('\n'));
    }
    return found;
  } finally {
    await client.end();
  }
};

/** Every file below a folder, as Latin-1 text by path. `skip`: names of folders that are left out. */
export const everyFile = async (folder: string, skip: readonly string[] = []): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name))
      for (const [name, text] of await everyFile(path, skip)) found.set(name, text);
    // A file that goes away meanwhile holds nothing.
    if (entry.isFile()) found.set(path, await readFile(path, 'latin1').catch(() => ''));
  }
  return found;
};

/** Where which strings stand. */
export const whereFound = (
  wanted: Wanted,
  places: ReadonlyMap<string, string>,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...places].map(([place, text]) => [place, wanted.in(text)] as const).filter(([, found]) => found.length > 0),
  );
