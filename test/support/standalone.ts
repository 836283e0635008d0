import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Exit {
  readonly code: number | null;
  /** Everything that it wrote, both streams. */
  readonly said: string;
}

export interface Services {
  readonly gateway: string;
  readonly database_url: string;
  readonly smtp_url: string;
  readonly pids: { readonly service: number; readonly postgres: number };
}

/** A small profile as a process of its own. */
export interface StandaloneProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly services: Services;
  /** What it has written so far. */
  said(): string;
  /** Resolves when it has ended. */
  readonly exit: Promise<Exit>;
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

/** A data folder that PostgreSQL's user may reach, wherever the tests run. */
export async function dataFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'rollbook-start-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const spawnStandalone = (env: NodeJS.ProcessEnv) => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'deploy/standalone/main.ts')],
    {
      cwd: root,
      env: {
        ...{ PATH: process.env['PATH'], NODE_ENV: 'test', BCRYPT_COST: '4' },
        ...{ RATE_LIMIT_PER_HOUR: '0', RATE_LIMIT_ANONYMOUS_PER_HOUR: '0' },
        ...env,
      },
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exit = new Promise<Exit>((done) => {
    child.once('close', (code) => {
      done({ code, said });
    });
  });
  return { child, exit, said: () => said };
};

/** Runs a start that is expected to fail, to its end. */
export const failToStart = (env: NodeJS.ProcessEnv): Promise<Exit> => spawnStandalone(env).exit;

/** Starts the small profile on `dataDir` and waits until it says that it is ready (at most 60 s). */
export async function startStandalone(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<StandaloneProcess> {
  const port = env['PORT'] ?? String(await freePort());
  const { child, exit, said } = spawnStandalone({ DATA_DIR: dataDir, ...env, PORT: port });
  for (let waited = 0; !said().includes('Rollbook is ready'); waited += 20) {
    if (child.exitCode !== null || waited > 60_000) {
      child.kill('SIGKILL');
      throw new Error(`It did not start:\n${said()}`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
  const services = JSON.parse(await readFile(join(dataDir, 'services.json'), 'utf8')) as Services;
  return {
    url: services.gateway,
    child,
    services,
    said,
    exit,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exit;
    },
  };
}

/** True while a process with this pid runs (a zombie counts as ended). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => ''));
  } catch {
    return false;
  }
}
