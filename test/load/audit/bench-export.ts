import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verifyFiles } from '../../../deploy/audit/verify.ts';
import { optionsOf } from '../options-of.ts';

const HELP = `Usage: npm run bench:export -- --url <url> --pid <pid> [--token <token>] [--email <email> --password <password>]
                              [--filter <query>] [--slow <bytes a second>] [--keep <file>]

Exports the whole audit trail of a running Rollbook whose log was filled before (npm run seed), watches the resident
memory of the process that answers (--pid: query-api, or the small profile's one process; services.json names it), and
prints leaves a second, the memory before, at most and after, and what "audit verify" says of the file. Signs in as
an administrator (--email, --password) unless --token is given. --slow reads at that pace, so that back-pressure shows. Promised: an export of
1,000,000 events keeps the process under 200 MB. Ends by itself.

Exit codes: 0 the file is valid and memory stayed below, 1 not so, 2 wrong usage.`;

const values = optionsOf(HELP, {
  url: { type: 'string' },
  pid: { type: 'string' },
  token: { type: 'string' },
  email: { type: 'string' },
  password: { type: 'string' },
  filter: { type: 'string' },
  slow: { type: 'string' },
  keep: { type: 'string' },
  help: { type: 'boolean' },
});
if (values.help || values.url === undefined || values.pid === undefined) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const { url, pid } = values;

const residentMemory = async (): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024;
};

const signIn = async (): Promise<string> => {
  const body = JSON.stringify({ email: values.email, password: values.password });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/auth/login`, { method: 'POST', headers, body });
  if (answer.status !== 200) throw new Error(`Signing in was refused: ${answer.status}`);
  return ((await answer.json()) as { readonly access_token: string }).access_token;
};

/** Waits so long between pieces that no more than so many bytes go by in a second. */
async function* atPace(pieces: AsyncIterable<Buffer>, bytesASecond: number): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece;
    if (bytesASecond > 0) await new Promise((resolve) => setTimeout(resolve, (piece.length / bytesASecond) * 1_000));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'rollbook-bench-'));
try {
  const file = values.keep ?? join(folder, 'bundle.ndjson');
  const token = values.token ?? (await signIn());
  const before = await residentMemory();
  let peak = before;
  const watch = setInterval(() => void residentMemory().then((now) => (peak = Math.max(peak, now))), 100);
  const startedAt = performance.now();
  const answer = await fetch(`${url}/v1/audit/export?${values.filter ?? ''}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
  const firstByte = performance.now() - startedAt;
  const body = Readable.fromWeb(answer.body) as AsyncIterable<Buffer>;
  await pipeline(atPace(body, Number(values.slow ?? 0)), createWriteStream(file));
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(watch);
  const after = await residentMemory();
  const keys = join(folder, 'keys.json');
  await writeFile(keys, await (await fetch(`${url}/.well-known/audit-keys.json`)).text());
  const verdict = await verifyFiles([file], { keys: [keys], since: [] });
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  console.table({
    leaves: verdict.leaves,
    events: verdict.events,
    verdict: verdict.valid ? 'valid' : `INVALID: ${String(verdict.findings[0]?.says)}`,
    'ms to the first byte': Math.round(firstByte),
    seconds: seconds.toFixed(1),
    'leaves/s': Math.round(verdict.leaves / seconds),
    'memory before': mb(before),
    'memory at most': mb(peak),
    'memory after': mb(after),
  });
  process.exitCode = verdict.valid && peak < 200e6 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
