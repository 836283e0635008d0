import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { until } from './feed-audience.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything that it wrote, both streams. */
  readonly said: string;
}

/** A program that was started by a test, which stops it. */
export interface TestProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has written so far. */
  said(): string;
  /** Resolves when it has ended. */
  readonly exit: Promise<Exit>;
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

/** Starts a program in the project's folder with these variables and a few that any program needs. */
export const startProcess = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): TestProcess => {
  const { PATH, HOME } = process.env;
  const child = spawn(program, args, { cwd: root, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exit = new Promise<Exit>((done) => {
    child.once('close', (code, signal) => {
      done({ code, signal, said });
    });
  });
  return {
    pid: child.pid ?? 0,
    child,
    said: () => said,
    exit,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exit;
    },
  };
};

const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

/** Starts a TypeScript file of the project under the Node that runs the tests. */
export const startFile = (file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): TestProcess =>
  startProcess(process.execPath, [...FLAGS, file, ...args], env);

/** Starts a service as its `npm run start` does, on a free port, and waits until it says where it listens. */
export const startService = async (file: string, env: NodeJS.ProcessEnv): Promise<TestProcess & { url: string }> => {
  const service = startFile(file, [], { ...env, PORT: '0', LOG_LEVEL: 'info' });
  const address = (): string | undefined => /"addresses":\{"http":"([^"]+)"\}/.exec(service.said())?.[1];
  const started = (): boolean => {
    if (service.child.exitCode !== null) throw new Error(`${file} ended: ${service.said()}`);
    return address() !== undefined;
  };
  await until(`${file} started`, started, 60_000);
  return { ...service, url: address() ?? '' };
};

/** The environment of a running process, as the kernel shows it (Linux). */
export const environmentOf = async (pid: number): Promise<Readonly<Record<string, string>>> => {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  return Object.fromEntries(
    text.split('\0').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
};

/** The processes below this one, each with its command line (Linux). */
export const descendantsOf = async (pid: number): Promise<readonly { pid: number; command: string }[]> => {
  const found: { pid: number; parent: number; command: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [stat, command] = await Promise.all([
        readFile(`/proc/${name}/stat`, 'utf8'),
        readFile(`/proc/${name}/cmdline`, 'utf8'),
      ]);
      // After the name, which may hold anything: state, parent.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      found.push({ pid: Number(name), parent, command: command.replaceAll('\0', ' ').trim() });
    } catch {
      // It has ended in the meantime.
    }
  }
  const below = (parent: number): typeof found =>
    found.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
};
