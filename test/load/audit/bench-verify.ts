import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyFiles } from '../../../deploy/audit/verify.ts';
import { AuditLog, bundleLines, notaryKey } from '../../support/audit-log.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:verify [-- --events <n>] [--streams <n>]

Makes an export of n events (default 1,000,000; they look like real ones, about 1 KB each) of about 2 × n/10 streams (or
--streams) in a temporary folder, checks it with the code of "audit verify" in this one process, and prints events a
second and the largest resident memory while checking. Promised: at least 50,000 events/s on one core. Needs about 1.2 GB
of disk for a million events; ends by itself and leaves nothing behind.

Exit codes: 0 the bundle is valid, 1 not so, 2 wrong usage.`;

const values = optionsOf(HELP, { events: { type: 'string' }, streams: { type: 'string' }, help: { type: 'boolean' } });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const events = Number(values.events ?? 1_000_000);
const people = Math.max(1, Math.round(Number(values.streams ?? events / 5) / 2));

const folder = await mkdtemp(join(tmpdir(), 'rollbook-bench-'));
try {
  const [bundle, keyFile] = [join(folder, 'bundle.ndjson'), join(folder, 'k.pub')];
  const key = notaryKey();
  await writeFile(keyFile, key.vkey);
  const file = createWriteStream(bundle);
  let piece = '';
  for (const line of bundleLines(new AuditLog({ seed: 1, key, people, checkpointEvery: 1_000 }), events)) {
    piece += line;
    if (piece.length < 1e6) continue;
    if (!file.write(piece)) await once(file, 'drain');
    piece = '';
  }
  file.end(piece);
  await once(file, 'finish');
  const { size } = await stat(bundle);

  let peak = 0;
  const before = process.memoryUsage().rss;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  const verdict = await verifyFiles([bundle], { keys: [keyFile], since: [] });
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = process.cpuUsage(cpu);
  clearInterval(watch);
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  console.table({
    verdict: verdict.valid ? 'valid' : 'INVALID',
    leaves: verdict.leaves,
    streams: verdict.streams,
    bundle: mb(size),
    seconds: seconds.toFixed(2),
    'leaves/s': Math.round(verdict.leaves / seconds),
    'CPU seconds': ((used.user + used.system) / 1e6).toFixed(2),
    'memory before': mb(before),
    'memory at most': mb(peak),
  });
  process.exitCode = verdict.valid ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
