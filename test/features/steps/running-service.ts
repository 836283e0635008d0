import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A Rollbook as `npm start` starts it, with data of its own. */
export interface RunningService {
  /** Without a slash at its end. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly admin: { readonly email: string; readonly password: string };
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../../..');

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function waitUntilReady(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`The service did not get ready:\n${said()}`);
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

/** Starts the small profile and waits until it is ready (at most 60 s). */
export async function startService(): Promise<RunningService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollbook-features-'));
  await chmod(dataDir, 0o755);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { PATH } = process.env;
  const env = { PATH, NODE_ENV: 'test', BCRYPT_COST: '4', LOG_LEVEL: 'warn', PORT: String(port), DATA_DIR: dataDir };
  const main = join(root, 'deploy/standalone/main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], { cwd: root, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const stop = async (): Promise<void> => {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(url, child, () => said);
    const { database_url: databaseUrl } = (await readJson(join(dataDir, 'services.json'))) as { database_url: string };
    const admin = (await readJson(join(dataDir, 'first-admin.json'))) as RunningService['admin'];
    return { url, databaseUrl, admin, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}
