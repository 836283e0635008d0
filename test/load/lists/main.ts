import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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
import { casesOf, deepPoints, filterCases, isWanted } from './cases.ts';
import { measure, type Measured, type Ways } from './measure.ts';
import { get, hangUp, pathOf, signIn } from './over-http.ts';
import { startService } from './own-services.ts';
import { HEAD, lineOf, misses, tableOf, TARGETS } from './table.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:lists -- [options]

Measures GET /users on a database that was filled by "npm run seed" (1,000,000 people for the figures of the project):
every sort in both orders, alone and with one filter, the first page and the page behind 500,000 rows (or half of
them in all), at the database and over HTTP (one connection, kept alive), and looks at every plan: it must use an index and
never read the whole table. Prints each page at once, then the slowest of each filter and everything that missed ${TARGETS.database} ms at the database or
${TARGETS.http} ms over HTTP (p95), and writes all of it to a file. Ends by itself.

Wants the settings of the services (DATABASE_URL, EVENT_STORE_URL, MASTER_KEY and the other secrets) of a migrated
database: then it starts a query-api of its own, and before that a command-api for signing in once. Or a running "npm start" with
RATE_LIMIT_PER_HOUR=0 whose folder is DATA_DIR (default .data). The administrator is that of first-admin.json there.

  --database       at the database only
  --http           over HTTP only
  --only <what>    sort: no filter; q; filters: all but q; or a text that the name of the filter holds
  --runs <n>       measured runs of each page, after one that is not counted (default 20)
  --minutes <n>    measure nothing more after so many minutes, and say what is left (default 5)
  --json <file>    default bench-lists.json
  --url <url>, --email <address>, --password <text>   where and as whom to ask over HTTP
  --help           this text

Exit codes: 0 all within the targets, 1 some missed or not measured, 2 wrong usage.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const values = optionsOf(HELP, {
  runs: text,
  only: text,
  json: text,
  minutes: text,
  http: flag,
  database: flag,
  url: text,
  email: text,
  password: text,
  help: flag,
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const runs = Number(values.runs ?? 20);
const minutes = Number(values.minutes ?? 5);
if (!Number.isInteger(runs) || runs < 1 || !(minutes > 0)) {
  console.error(`--runs and --minutes want a number.\n\n${HELP}`);
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
const given = values.url ?? (process.env['DATABASE_URL'] ? undefined : services?.['gateway']);
const cursors = new Cursors(masterKeys, random);
// As query-api has it; what takes longer is no answer.
const pool = createPool({ url, applicationName: 'bench lists', max: 1, statementTimeout: 3_000 });
const preparing = createPool({ url, applicationName: 'bench lists', max: 1, statementTimeout: 120_000 });
const readModel = new ReadModel({ name: 'user_directory', pool, clock, tokens: new ConsistencyTokens(masterKeys) });

const [email, password] = [values.email ?? admin?.['email'] ?? '', values.password ?? admin?.['password'] ?? ''];
let stopOwn = (): Promise<void> => Promise.resolve();

/** A command-api for signing in only: it follows the log, which would be measured too. Gives the token. */
const signInOnce = async (settings: Readonly<Record<string, string>>): Promise<string> => {
  const commands = await startService('command-api', settings);
  try {
    return await signIn(commands.url, email, password);
  } finally {
    await commands.stop();
  }
};

const askOverHttp = async (): Promise<Ways['http']> => {
  if (values.database && !values.http) return null;
  if (given !== undefined) {
    const token = await signIn(given, email, password);
    return (listCase) => get(given, pathOf(listCase, cursors), token);
  }
  // Longer than the measurement, so that nobody has to sign in again.
  const settings = { LOG_LEVEL: 'info', ACCESS_TOKEN_TTL: '3600', RATE_LIMIT_PER_HOUR: '0' };
  const token = await signInOnce(settings);
  const queries = await startService('query-api', settings);
  stopOwn = () => queries.stop();
  return (listCase) => get(queries.url, pathOf(listCase, cursors), token);
};

const ways: Ways = { readModel, pool, atDatabase: !values.http || values.database === true, http: await askOverHttp() };
const points = await deepPoints(preparing);
const cases = (await filterCases(preparing))
  .filter((filter) => isWanted(filter, values.only))
  .flatMap((filter) => casesOf(filter, points));
const measured: Measured[] = [];
const until = clock.now() + minutes * 60_000;
console.log(HEAD.join(' | '));
for (const listCase of cases) {
  if (clock.now() > until) break;
  const one = await measure(listCase, ways, runs);
  measured.push(one);
  console.log(lineOf(one));
}
await stopOwn();
hangUp();
await Promise.all([pool.end(), preparing.end()]);

console.log(tableOf(measured));
await writeFile(values.json ?? 'bench-lists.json', `${JSON.stringify(measured, null, 1)}\n`);
const missed = misses(measured);
console.log(missed.length === 0 ? 'All within the targets.' : `${missed.length} of ${measured.length} pages missed.`);
const left = cases.length - measured.length;
if (left > 0) console.log(`${left} pages were not measured: the time was over.`);
process.exitCode = missed.length === 0 && left === 0 ? 0 : 1;
