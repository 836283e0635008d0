import { writeFile } from 'node:fs/promises';
import { cpuFor, readCpuTimes } from '../cpu-time.ts';
import { percentilesOf } from '../percentiles.ts';
import { startRollbookProcess } from '../start-rollbook-process.ts';
import { expectStatus, sender } from './client.ts';
import { measureLag } from './measure-lag.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:lag -- [--seconds 60] [--rate 100] [--people 200] [--pause 2] [--json FILE]

How long it takes from the acknowledgement of a write to the first answer of a query that shows it. Starts a whole
Rollbook in a process of its own, without rate limits, over a PostgreSQL that waits for its disk; changes names by
PATCH /v1/users/{id} at a steady rate, and reads GET /v1/users/{id} by one reader, over and over. Ends by itself.
ROLLBOOK_PROFILE=large runs it on the EventStoreDB node for tests and on Kafka, every service in a process of its own, as
it is deployed; else it is one process on PostgreSQL alone. On Linux it tells how much CPU time each process took for a
write, which says more than times do where others load the machine.

  --seconds  how long it writes
  --rate     writes a second, begun on time whether or not earlier ones are answered
  --people   how many people there are; their names are changed in turn
  --pause    ms between an answer and the next question of the reader; the lag is exact to that and one answer
  --json     writes the figures into FILE too

Before, a tenth of the time is written to warm up, uncounted. Exit codes: 0 the 99th percentile is below 100 ms and every write was
acknowledged and shown; 1 not so; 2 wrong usage.`;

const GOAL = 100;

const values = optionsOf(HELP, {
  seconds: { type: 'string', default: '60' },
  rate: { type: 'string', default: '100' },
  people: { type: 'string', default: '200' },
  pause: { type: 'string', default: '2' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [seconds, rate, people, pause] = [values.seconds, values.rate, values.people, values.pause].map(Number);
if (!(seconds! > 0 && rate! > 0 && people! >= 1 && pause! >= 0)) {
  console.error(`Every number must be above 0.\n\n${HELP}`);
  process.exit(2);
}

// What starts a Rollbook loads most of it.
const { ADMIN, ROLLBOOK_PROFILES } = await import('../../support/rollbook.ts');
const profile = ROLLBOOK_PROFILES.find((known) => known === process.env['ROLLBOOK_PROFILE']) ?? 'small';

const rollbook = await startRollbookProcess(profile);
try {
  const signedIn = await expectStatus(200, sender(rollbook.url, null)('POST', '/auth/login', ADMIN));
  const send = sender(rollbook.url, (JSON.parse(signedIn.body) as { access_token: string }).access_token);
  const ids: string[] = [];
  for (let n = 0; n < people!; n += 1) {
    const made = await expectStatus(201, send('POST', '/users', { email: `p${String(n)}@example.com` }));
    ids.push((JSON.parse(made.body) as { id: string }).id);
  }
  const options = { send, people: ids, rate: rate!, pause: pause! };
  await measureLag({ ...options, seconds: Math.max(1, seconds! / 10) });
  const before = await readCpuTimes();
  const measured = await measureLag({ ...options, seconds: seconds! });
  const cpu = cpuFor(before, await readCpuTimes(), seconds! * rate!);
  const { refused, untrue, unseen, lags } = measured;
  const rows = {
    'acknowledgement → shown': percentilesOf(lags),
    'write → acknowledgement': percentilesOf(measured.acknowledgements),
    'answer → next answer of the reader': percentilesOf(measured.looks),
  };
  console.log(`${profile} profile, ${String(rate)} writes a second for ${String(seconds)} s; times in ms`);
  console.table(rows);
  console.log(
    `${String(lags.length)} shown, ${String(unseen)} not shown, ${String(refused)} refused, ${String(untrue)} untrue`,
  );
  console.log('CPU time in ms for each write, the questions of the reader in between among it');
  console.table(cpu);
  const isGood = rows['acknowledgement → shown'].p99 < GOAL && refused + untrue + unseen === 0;
  console.log(
    `p99 ${String(rows['acknowledgement → shown'].p99)} ms, wanted below ${String(GOAL)}: ${isGood ? 'good' : 'NOT GOOD'}`,
  );
  const figures = { profile, seconds, rate, people, pause, shown: lags.length, unseen, refused, untrue, ms: rows, cpu };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  await rollbook.stop();
}
