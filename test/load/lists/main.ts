import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { readConfig } from '@rollbook/shared/process/config';
import { secretList } from '@rollbook/shared/process/secret-settings';
import { createPool } from '@rollbook/shared/sql/pool';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { Cursors } from '@rollbook/shared/tokens/cursors';
import { z } from 'zod';
import { readJsonFile } from '../../../deploy/standalone/private-file.ts';
import { ReadModel } from '../../../query-api/src/read-model/read-model.ts';
import { casesOf, filterCases } from './cases.ts';
import { measure, type Measured, type Ways } from './measure.ts';
import { get, hangUp, pathOf, signIn } from './over-http.ts';
import { isMissed, misses, tableOf, TARGETS } from './table.ts';

const HELP = `Usage: npm run bench:lists -- [options]

Measures GET /users on a database that was filled by "npm run seed" (1,000,000 people for the figures of the project):
every sort in both orders, alone and with one filter, the first page and the page behind 500,000 rows (or half of
them), at the database and over HTTP (one connection, kept alive), and looks at every plan: it must use an index and
never read the whole table. Prints the slowest of each filter and everything that missed ${TARGETS.database} ms at the database or
${TARGETS.http} ms over HTTP (p95), and writes all of it to a file. Takes some minutes and ends by itself.

Wants a running "npm start" with RATE_LIMIT_PER_HOUR=0 whose folder is DATA_DIR (default .data); or DATABASE_URL and
MASTER_KEY, then without HTTP unless --url, --email and --password are given.

  --runs <n>       measured runs of each page, after one that is not counted (default 20)
  --only <text>    only filters whose name holds the text
  --json <file>    default bench-lists.json
  --no-http        at the database only
  --url <url>, --email <address>, --password <text>   where and as whom to ask over HTTP
  --help           this text

Exit codes: 0 all within the targets, 1 some missed, 2 wrong usage.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: { runs: text, only: text, json: text, 'no-http': flag, url: text, email: text, password: text, help: flag },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const runs = Number(values.runs ?? 20);
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs wants a number.\n\n${HELP}`);
  process.exit(2);
}

const dataDir = resolve(process.env['DATA_DIR'] || '.data');
const services = (await readJsonFile(join(dataDir, 'services.json'))) as Partial<Record<string, string>> | undefined;
const kept = (await readJsonFile(join(dataDir, 'secrets.json'))) as Partial<Record<string, string>> | undefined;
const admin = (await readJsonFile(join(dataDir, 'first-admin.json'))) as Partial<Record<string, string>> | undefined;
const env = process.env['DATABASE_URL']
  ? process.env
  : { DATABASE_URL: services?.['database_url'], MASTER_KEY: kept?.['MASTER_KEY'] };
const { DATABASE_URL: url, MASTER_KEY: masterKeys } = readConfig(
  z.object({ DATABASE_URL: z.string(), MASTER_KEY: secretList() }),
  env,
);
const base = values.url ?? (process.env['DATABASE_URL'] ? undefined : services?.['gateway']);
const cursors = new Cursors(masterKeys, random);
// As query-api has it; what takes longer is no answer.
const pool = createPool({ url, applicationName: 'bench lists', max: 1, statementTimeout: 3_000 });
const preparing = createPool({ url, applicationName: 'bench lists', max: 1, statementTimeout: 120_000 });
const readModel = new ReadModel({ name: 'user_directory', pool, clock, tokens: new ConsistencyTokens(masterKeys) });

const ask = async (): Promise<Ways['http']> => {
  if (values['no-http'] || base === undefined) return null;
  const [email, password] = [values.email ?? admin?.['email'], values.password ?? admin?.['password']];
  const token = async (): Promise<string> => signIn(base, email ?? '', password ?? '');
  let current = { token: await token(), at: clock.now() };
  return async (listCase) => {
    if (clock.now() - current.at > 10 * 60_000) current = { token: await token(), at: clock.now() };
    return get(base, pathOf(listCase, cursors), current.token);
  };
};

const ways: Ways = { readModel, pool, http: await ask() };
const measured: Measured[] = [];
for (const filter of await filterCases(preparing)) {
  if (values.only !== undefined && !filter.name.includes(values.only)) continue;
  const begun = clock.now();
  for (const listCase of await casesOf(preparing, filter)) measured.push(await measure(listCase, ways, runs));
  console.error(
    `${filter.name}: ${measured.filter(isMissed).length} missed so far, ${Math.round((clock.now() - begun) / 1_000)} s`,
  );
}
hangUp();
await Promise.all([pool.end(), preparing.end()]);

console.log(tableOf(measured));
await writeFile(values.json ?? 'bench-lists.json', `${JSON.stringify(measured, null, 1)}\n`);
const missed = misses(measured);
console.log(missed.length === 0 ? 'All within the targets.' : `${missed.length} of ${measured.length} pages missed.`);
process.exitCode = missed.length === 0 ? 0 : 1;
