import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import type { Profile } from '../support/rollbook.ts';
import { serveTestKafka } from '../support/kafka-server.ts';
import { serveTestCluster } from '../support/test-cluster.ts';

export interface RollbookProcess {
  /** Of the gateway. */
  readonly url: string;
  stop(): Promise<void>;
}

const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

/** Starts the profile in a process of its own, over a PostgreSQL that waits for its disk. */
export const startRollbookProcess = async (profile: Profile): Promise<RollbookProcess> => {
  const cluster = await serveTestCluster({ durable: true });
  // It starts its broker when it is asked for it, so only on the large profile.
  const kafka = await serveTestKafka();
  const child = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, 'rollbook-process.ts')], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: {
      ...process.env,
      NODE_ENV: 'test',
      ROLLBOOK_PROFILE: profile,
      ROLLBOOK_TEST_CLUSTER: cluster.address,
      ROLLBOOK_TEST_KAFKA: kafka.path,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await Promise.all([cluster.stop(), kafka.stop()]);
  };
  // What a service logs stands on the same output.
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"url":')) return { url: (JSON.parse(line) as { url: string }).url, stop };
    console.error(line);
  }
  await stop();
  throw new Error(`The ${profile} profile did not start`);
};
