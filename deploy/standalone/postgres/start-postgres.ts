import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { findPostgresBinaries } from './binaries.ts';
import { credentialsOf, initialise, keepCredentials } from './initialise.ts';
import { until } from './live-process.ts';
import { clearLeftBehind, isReady } from './postmaster-pid.ts';
import { chooseRunAs, invocation } from './run-as.ts';

/** A PostgreSQL of our own, reachable from this machine alone. */
export interface RunningPostgres {
  /** `postgres://…` with the password: the maintenance database `postgres`, owner of everything. */
  readonly url: string;
  readonly pid: number;
  /**
   * Fast shutdown: sessions are cut, everything committed is kept. Over within 3.5 s: after 2.5 s it is cut off, and the
   * next start recovers.
   */
  stop(): Promise<void>;
  /** Calls back once when PostgreSQL ends without `stop()`. */
  onExit(callback: (how: string) => void): void;
}

export interface StartOptions {
  /** Holds the data (`postgres/`) and the password (`postgres.json`). Made if missing. */
  readonly dataDir: string;
  /** Receives PostgreSQL's own lines. */
  readonly log: (line: string) => void;
  /** Further settings, for example `{fsync: 'off'}` in tests. Durable unless a caller says otherwise. */
  readonly settings?: Readonly<Record<string, string>>;
}

const fixed = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  // A failed statement or a violated constraint would be logged with its values, and those are personal.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const portIfFree = (port: number): Promise<number | undefined> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => {
      done(undefined);
    });
    probe.listen(port, '127.0.0.1', () => {
      const bound = (probe.address() as AddressInfo).port;
      probe.close(() => {
        done(bound);
      });
    });
  });

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function supervise(child: ChildProcess, pid: number, url: string): RunningPostgres {
  let stopping = false;
  const ended = new Promise<string>((done) => {
    child.once('exit', (code, name) => {
      done(name === null ? `with exit code ${String(code)}` : `by ${name}`);
    });
  });
  return {
    url,
    pid,
    onExit: (callback) => {
      void ended.then((how) => {
        if (!stopping) callback(how);
      });
    },
    stop: async () => {
      stopping = true;
      for (const [name, ms] of [
        ['SIGINT', 2_500],
        ['SIGQUIT', 500],
        ['SIGKILL', 500],
      ] as const) {
        if (hasEnded(child)) return;
        child.kill(name);
        if (await until(() => hasEnded(child), ms)) return;
      }
    },
  };
}

/**
 * Starts PostgreSQL on the data in `dataDir`, laying it out at the first start, recovering after a crash, and taking over
 * from a server that outlived its parent. Resolves when connections are taken.
 *
 * @throws an Error with one sentence when it cannot start; nothing is left running then.
 */
export async function startPostgres(options: StartOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const binaries = await findPostgresBinaries();
  const runAs = chooseRunAs(binaries.postgres, dataDir);
  const settings = { ...fixed, ...options.settings };
  const { password, port: lastPort } = await credentialsOf(dataDir);
  const folder = await initialise(binaries.initdb, runAs, dataDir, password, settings.fsync === 'on');
  if ((await clearLeftBehind(folder)) === 'taken over')
    options.log('stopped the PostgreSQL that an earlier start left running');

  let failure = '';
  for (let attempt = 0; attempt < 3; attempt++) {
    const port =
      (attempt === 0 && lastPort !== undefined ? await portIfFree(lastPort) : undefined) ?? (await portIfFree(0)) ?? 0;
    const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const call = invocation(runAs, binaries.postgres, ['-D', folder, ...flags]);
    // A process group of its own: Ctrl-C in the terminal must not stop the database under the services that drain.
    const child = spawn(call.file, call.args, { ...call.options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const lastLines: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((part) => part !== '')) {
        lastLines.splice(0, Math.max(0, lastLines.length - 19)).length = 0;
        lastLines.push(line);
        options.log(line);
      }
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`PostgreSQL did not start: ${call.file} cannot be run.`);
    const running = supervise(child, pid, `postgres://rollbook:${password}@127.0.0.1:${String(port)}/postgres`);
    while (!hasEnded(child)) {
      if (await isReady(folder, pid)) {
        if (port !== lastPort) await keepCredentials(dataDir, { password, port });
        return running;
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    failure = lastLines.find((line) => line.includes('FATAL')) ?? lastLines.at(-1) ?? 'it ended at once';
    if (!failure.includes('address') && !failure.includes('socket')) break;
  }
  throw new Error(`PostgreSQL did not start on ${folder}: ${failure}`);
}
