import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { loadavg } from 'node:os';
import { text } from 'node:stream/consumers';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { indexAudit } from '../../../projector/src/audit-index/audit-index.ts';
import { Progress } from '../../../projector/src/follow-in-turn/progress.ts';
import { serveTestCluster, TEMPLATE } from '../../support/test-cluster.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:index -- [--events 200000]

Measures how fast the index of the log (leaves and tree) catches up. Plants a log of so many events, each of another
person, which is the hardest case for the indexes, in a PostgreSQL that waits for its disk; then follows it from the
beginning in this process. Prints events a second and the processor time of this process, and ends by itself.

Exit codes: 0 at least 20,000 events a second, 1 fewer, 2 wrong usage.`;

const options = { events: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
const values = optionsOf(HELP, options);
const wanted = Number(values.events ?? '200000');
if (values.help || !Number.isSafeInteger(wanted) || wanted < 1) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const BATCH = 5_000;

const planted = (position: number): string => {
  const person = randomUUID();
  const unhashed = {
    ...{ id: randomUUID(), type: 'ProfileChanged', schemaVersion: 1, stream: `user-${person}`, revision: 0 },
    recordedAt: new Date().toISOString(),
    data: { fields: ['name'] },
    personal: [{ subject: person, keyId: randomUUID(), nonce: 'AAAAAAAAAAAAAAAA', ciphertext: 'A'.repeat(200) }],
    metadata: {
      actor: { kind: 'person', id: person } as const,
      ...{ requestId: `req_${randomUUID()}`, correlationId: person, causationId: null, commandId: randomUUID() },
      previousHash: null,
    },
  };
  return JSON.stringify({ ...unhashed, position, metadata: { ...unhashed.metadata, hash: hashEvent(unhashed) } });
};

const plant = async (pool: Pool): Promise<void> => {
  for (let at = 0; at < wanted; at += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, wanted - at) }, (_, index) => planted(at + index + 1));
    await pool.query(
      `insert into event_log.events
         (position, id, stream, revision, type, schema_version, recorded_at, data, personal, metadata)
       select (e->>'position')::bigint, (e->>'id')::uuid, e->>'stream', 0, e->>'type', 1, e->>'recordedAt', e->'data',
         e->'personal', e->'metadata' from unnest($1::jsonb[]) e`,
      [rows],
    );
  }
  await pool.query('analyze event_log.events');
};

const cluster = await serveTestCluster({ durable: true });
const url = new URL((JSON.parse(await text(connect(cluster.address))) as { url: string }).url);
url.pathname = `/${TEMPLATE}`;
const databaseUrl = url.href;
const pool = createPool({ url: databaseUrl, applicationName: 'bench', statementTimeout: 60_000 });
const clock = systemClock;
const store = await connectEventStore({ url: databaseUrl, clock, random: systemRandom, nodeEnv: 'test' });
await plant(pool);

const stopping = new AbortController();
const [from, used] = [performance.now(), process.cpuUsage()];
const parts = { databaseUrl, pool, store, clock, onFault: (fault: unknown) => console.error(fault) };
const indexing = indexAudit(parts, new Progress('audit_index', clock), stopping.signal);
const isDone = async (): Promise<boolean> =>
  (await pool.query('select 1 from read_model.audit_index where leaf = $1', [wanted - 1])).rowCount === 1;
while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 20));
const seconds = (performance.now() - from) / 1_000;
const { user, system } = process.cpuUsage(used);
const rate = Math.round(wanted / seconds);
console.table({
  'audit index': {
    events: wanted,
    seconds: Number(seconds.toFixed(2)),
    'events/s': rate,
    'processor s': Number(((user + system) / 1e6).toFixed(2)),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  },
});
stopping.abort();
await indexing;
await store.close();
await pool.end();
await cluster.stop();
process.exitCode = rate >= 20_000 ? 0 : 1;
