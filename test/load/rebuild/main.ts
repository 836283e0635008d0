import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { readJsonFile } from '../../../deploy/standalone/private-file.ts';
import { readSecretsFile } from '../../../deploy/standalone/secrets.ts';
import { percentilesOf } from '../percentiles.ts';
import { readUntil, type Person } from './readers.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:rebuild -- [--readers 8] [--read-model user_directory] [--url URL]

How fast a read model is rebuilt while it is read. It needs a running "npm start" (DATA_DIR names its folder) that
"npm run seed -- --users <n>" has filled; about 6 events a person. Signs in a seeded moderator, reads GET /v1/users/{id} and
GET /v1/users on kept-alive connections as fast as they answer, and meanwhile runs "npm run projections -- rebuild" in a process of
its own. Then it compares the tables row for row with those of before, and ends by itself.

  --readers     connections that read, each one request after the other; 0: nobody reads
  --read-model  which one
  --url         what is read: the gateway, unless told otherwise

Exit codes: 0 not one failed or wrong answer, equal tables and at least 20,000 events/s; 1 not so; 2 wrong usage.`;

const GOAL = 20_000;
const PASSWORD = 'Seeded-Person-7';

const values = optionsOf(HELP, {
  readers: { type: 'string', default: '8' },
  'read-model': { type: 'string', default: 'user_directory' },
  url: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
});
const readers = Number(values.readers);
const readModel = values['read-model'];
if (values.help || !(readers >= 0 && readers <= 1_000)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const dataDir = resolve(process.env['DATA_DIR'] ?? '.data');
const services = (await readJsonFile(join(dataDir, 'services.json'))) as Record<string, string> | null;
if (!services) {
  console.error(`No "npm start" runs on ${dataDir}.\n\n${HELP}`);
  process.exit(2);
}
const { MASTER_KEY } = await readSecretsFile(join(dataDir, 'secrets.json'));
const [databaseUrl = '', url = ''] = [services['database_url'], values.url ?? services['gateway']];
const database = new pg.Client({ connectionString: databaseUrl });
await database.connect();

const select = async <Row extends object>(text: string): Promise<readonly Row[]> =>
  (await database.query<Row>(text)).rows;

/** The sum of the rows' hashes of every table of the read models but the followers' positions. */
const checksums = async (): Promise<Readonly<Record<string, string>>> => {
  const tables = await select<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'read_model'
     and tablename not in ('projections', 'minute_marks', 'audit_index', 'audit_tree') order by 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await select<{ sum: string }>(
      `select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as sum from read_model.${name} t`,
    );
    sums[name] = row!.sum;
  }
  return sums;
};

const signIn = async (): Promise<string> => {
  const [staff] = await select<{ email: string }>(
    `select email from read_model.user_directory where role = 'moderator' and status = 'active' and email_verified limit 1`,
  );
  if (!staff) throw new Error('There is no moderator: seed more people');
  const answer = await fetch(`${services['gateway']!}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: staff.email, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`The moderator cannot sign in: ${String(answer.status)} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
};

const runRebuild = (): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((done) => {
    const main = join(import.meta.dirname, '../../../projector/src/command-line/main.ts');
    const env = { ...process.env, NODE_ENV: 'test', DATABASE_URL: databaseUrl, MASTER_KEY };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'rebuild', readModel], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      process.stdout.write(text);
    });
    child.once('close', (code) => {
      done({ code, said });
    });
  });

try {
  const people = await select<Person>(
    "select id::text, username from read_model.user_directory where status = 'active' limit 1000",
  );
  const token = readers > 0 ? await signIn() : '';
  // The sign-in must be in the tables before they are compared.
  await new Promise((soon) => setTimeout(soon, 2_000));
  const before = await checksums();
  const resting = new AbortController();
  const reading = readUntil({ url, token, people, readers }, resting.signal);
  await new Promise((warm) => setTimeout(warm, 3_000));
  const began = performance.now();
  const { code, said } = await runRebuild();
  const seconds = (performance.now() - began) / 1_000;
  resting.abort();
  const { reads, failed, wrong, ms, examples } = await reading;
  const after = await checksums();
  const rate = Number(
    (/: ([\d,]+) events\/s\n/.exec(said.slice(said.indexOf('\nRead ')))?.[1] ?? '0').replaceAll(',', ''),
  );
  const isEqual = JSON.stringify(before) === JSON.stringify(after);
  const { p50, p99, max } = percentilesOf(ms);
  console.table({
    'events/s of the rebuild': rate,
    'seconds, indexes, comparison and switch with it': Number(seconds.toFixed(1)),
    'reads while it ran': reads,
    'reads/s': Math.round(reads / seconds),
    'failed reads': failed,
    'wrong answers': wrong,
    'ms of a read, median': p50,
    'ms of a read, p99': p99,
    'ms of the slowest read': max,
    'tables as before': isEqual,
  });
  for (const example of examples) console.log(example);
  process.exitCode = code === 0 && failed + wrong === 0 && isEqual && rate >= GOAL ? 0 : 1;
} finally {
  await database.end();
}
