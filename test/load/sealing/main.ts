import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { createPool } from '@rollbook/shared/sql/pool';
import { serveTestCluster, TEMPLATE } from '../../support/test-cluster.ts';
import { percentilesOf } from '../percentiles.ts';
import { appendAt } from './append-load.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:sealing -- [--rounds 10] [--seconds 10] [--rate 300]

Measures what the notary costs those who append. One PostgreSQL that waits for its disk, one projector in a process of
its own; events are appended at a fixed rate, in turns without and with sealing (a checkpoint each 1,000 events or 50 s), so
that whatever else changes on the machine changes both. Prints the time of an append with and without, and the
difference of the 95th percentiles. Takes about 2 × rounds × seconds, and ends by itself.

Exit codes: 0 less than 5 % slower at the 95th percentile, 1 not so, 2 wrong usage.`;

const whole = { type: 'string' } as const;
const values = optionsOf(HELP, { rounds: whole, seconds: whole, rate: whole, help: { type: 'boolean', short: 'h' } });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [rounds, seconds, rate] = [values.rounds ?? '10', values.seconds ?? '10', values.rate ?? '300'].map(Number);
if (!rounds || !seconds || !rate) {
  console.error(HELP);
  process.exit(2);
}

const cluster = await serveTestCluster({ durable: true });
const { url } = JSON.parse(await text(connect(cluster.address))) as { url: string };
const database = new URL(url);
database.pathname = `/${TEMPLATE}`;
const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const env = {
  ...{ NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'error', MASTER_KEY: `m1:${randomBytes(32).toString('base64')}` },
  ...{ DATABASE_URL: database.href, EVENT_STORE_URL: database.href, MESSAGE_FEED_URL: database.href },
  NOTARY_PRIVATE_KEYS: `k1:${key}`,
};
const flags = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'projector-process.ts')];
const projector = spawn(process.execPath, flags, {
  env: { ...process.env, ...env },
  stdio: ['pipe', 'pipe', 'inherit'],
});
const ended = new Promise<void>((resolve) => projector.once('exit', () => resolve()));
for await (const line of createInterface({ input: projector.stdout })) if (line === 'ready') break;

const clock = systemClock;
const store = await connectEventStore({ url: database.href, clock, random: systemRandom, nodeEnv: 'test' });
const pool = createPool({ url: database.href, applicationName: 'bench' });
const checkpoints = async (): Promise<number> =>
  (await pool.query<{ n: number }>("select count(*)::int as n from event_log.events where stream = 'notary'")).rows[0]
    ?.n ?? 0;

const took = { off: [] as number[], on: [] as number[] };
const signed = { off: 0, on: 0 };
await appendAt(store, rate, seconds);
for (let round = 0; round < rounds; round += 1)
  for (const mode of round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
    projector.stdin.write(`${mode}\n`);
    // What the turn before left unsealed is sealed before anything is measured.
    await appendAt(store, rate, 2);
    const before = await checkpoints();
    took[mode].push(...(await appendAt(store, rate, seconds)));
    signed[mode] += (await checkpoints()) - before;
  }

const [off, on] = [percentilesOf(took.off), percentilesOf(took.on)];
const slower = (on.p95 / off.p95 - 1) * 100;
console.table({
  'without sealing': { appends: took.off.length, checkpoints: signed.off, ...off },
  'with sealing': { appends: took.on.length, checkpoints: signed.on, ...on },
});
console.log(
  `Sealing adds ${slower.toFixed(1)} % to the 95th percentile of an append (ms above; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}).`,
);
projector.stdin.end();
await ended;
await store.close();
await pool.end();
await cluster.stop();
process.exitCode = slower < 5 && signed.on > 0 ? 0 : 1;
