import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

/** One service in a process of its own, on a port of the system's choice. */
export const startService = async (
  name: 'command-api' | 'query-api',
  env: Readonly<Record<string, string>>,
): Promise<Service> => {
  const child: ChildProcess = spawn(process.execPath, [...FLAGS, `${name}/src/main.ts`], {
    cwd: resolve(import.meta.dirname, '../../..'),
    // Both must name one issuer of tokens; nobody calls it.
    env: { ...process.env, PUBLIC_URL: 'http://127.0.0.1:8000', NODE_ENV: 'production', ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const url = await new Promise<string>((found, failed) => {
    lines.on('line', (line) => {
      const at = /"http":"([^"]+)"/u.exec(line)?.[1];
      if (at !== undefined) found(at);
    });
    void ended.then(() => failed(new Error(`${name} did not start`)));
  });
  return { url, stop };
};
