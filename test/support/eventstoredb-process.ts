import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order } from './eventstore-node/misbehaviour.ts';

/** The node for tests as a process of its own, to be frozen and killed by its number. */
export interface NodeProcess {
  readonly port: number;
  readonly connectionString: string;
  misbehave(order: Order): void;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it at once, also when it is frozen; resolves when it has ended. */
  kill(): Promise<void>;
}

/** `--port` and `--file` as flags; see eventstore-node/main.ts. */
export const startNodeProcess = async (...flags: string[]): Promise<NodeProcess> => {
  const main = join(import.meta.dirname, 'eventstore-node/main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...flags]);
  const ended = once(child, 'exit');
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer | number];
  const port = Number(said.toString());
  if (!(port > 0) || child.exitCode !== null) throw new Error('The node for tests did not start as a process');
  return {
    port,
    connectionString: `esdb://127.0.0.1:${String(port)}?tls=false`,
    misbehave: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
