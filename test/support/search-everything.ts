import { readdir, readFile, stat } from 'node:fs/promises';
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

/** Looks for many strings at once, in any letter case of the plain form and of hex. */
export class Wanted {
  readonly #forms: readonly {
    readonly text: string;
    readonly anyCase: readonly string[];
    readonly exact: readonly string[];
  }[];

  constructor(strings: readonly string[]) {
    this.#forms = strings.map((text) => {
      const [plain = '', hex = '', ...base64] = formsOf(text);
      return { text, anyCase: [plain.toLowerCase(), hex], exact: base64 };
    });
  }

  /** Which of the strings stand in the text. */
  in(text: string): readonly string[] {
    const lower = text.toLowerCase();
    return this.#forms
      .filter(
        ({ anyCase, exact }) =>
          anyCase.some((form) => lower.includes(form)) || exact.some((form) => text.includes(form)),
      )
      .map((form) => form.text);
  }
}

/** Every row of every table, PostgreSQL's own too (the planner's statistics quote values), as text; bytes as hex. */
export const everyTable = async (databaseUrl: string): Promise<ReadonlyMap<string, string>> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname <> 'information_schema' order by 1`,
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

/**
 * Every file below a folder, as Latin-1 text by path. `skip`: names of folders that are left out. `since` (ms since 1970):
 * what was not written from then on is left out too.
 */
export const everyFile = async (
  folder: string,
  { skip = [], since = 0 }: { readonly skip?: readonly string[]; readonly since?: number } = {},
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name))
      for (const [name, text] of await everyFile(path, { skip, since })) found.set(name, text);
    if (!entry.isFile()) continue;
    // A file that goes away meanwhile holds nothing.
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => -1,
    );
    if (written >= since) found.set(path, await readFile(path, 'latin1').catch(() => ''));
  }
  return found;
};

/** Bytes of a page of PostgreSQL. */
const PAGE = 8_192;

/**
 * A file of a table or an index as Latin-1 text, without the free space of its pages: what stood there once is reached by
 * no query, and stays until something new is written over it. A page's header says where that is (`pd_lower`, `pd_upper`).
 */
export const withoutFreeSpace = (file: string): string => {
  const bytes = Buffer.from(file, 'latin1');
  for (let page = 0; page + PAGE <= bytes.length; page += PAGE) {
    const [lower, upper] = [bytes.readUInt16LE(page + 12), bytes.readUInt16LE(page + 14)];
    if (lower < upper && upper <= PAGE) bytes.fill(0, page + lower, page + upper);
  }
  return bytes.toString('latin1');
};

/** Where which strings stand. */
export const whereFound = (
  wanted: Wanted,
  places: ReadonlyMap<string, string>,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...places].map(([place, text]) => [place, wanted.in(text)] as const).filter(([, found]) => found.length > 0),
  );
