import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type Broker, type NoBroker } from './kafka-broker.ts';

/** The one broker of a test run. It starts when the first suite asks for it. */
export interface TestKafka {
  /** A path that any worker may connect to; the answer is one line of JSON: `{address}`, `{missing}` or `{error}`. */
  readonly path: string;
  stop(): Promise<void>;
}

const outside = (): { readonly address: string } | null => {
  const address = process.env['KAFKA_TEST_BROKERS'] ?? '';
  return address === '' ? null : { address };
};

/** Listens for workers that want a broker. Costs nothing until one of them does. */
export async function serveTestKafka(): Promise<TestKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-test-'));
  const path = join(folder, 'kafka.sock');
  let broker: Promise<Broker | NoBroker> | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const tell = (answer: object): void => {
      socket.end(`${JSON.stringify(answer)}\n`);
    };
    const given = outside();
    if (given) {
      tell(given);
      return;
    }
    broker ??= startBroker();
    broker.then(
      (started) => tell('missing' in started ? started : { address: started.address }),
      (fault: unknown) => tell({ error: String(fault) }),
    );
  });
  await new Promise<void>((listening) => server.listen(path, listening));
  await chmod(path, 0o600);
  server.unref();
  return {
    path,
    stop: async () => {
      server.close();
      const started = await broker?.catch(() => undefined);
      if (started && !('missing' in started)) await started.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
