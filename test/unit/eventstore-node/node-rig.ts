import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import {
  EventStoreDBClient,
  jsonEvent,
  type AppendToStreamOptions,
  type JSONEventData,
  type JSONEventType,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { startEventStoreNode, type EventStoreNode, type NodeOptions } from '../../support/eventstore-node/node.ts';
import { startNodeProcess, type NodeProcess } from '../../support/eventstoredb-process.ts';

type Client = EventStoreDBClient;
export type Sample = JSONEventData<JSONEventType<string, { n: number }>>;
/** Per-call credentials choose Append; they are not sent without TLS (wire 1.9). */
export const PLAIN: AppendToStreamOptions = { credentials: { username: 'a', password: 'b' } };
/** The two ways to append: the name, and the options that choose it. */
export const PATHS: readonly [string, AppendToStreamOptions][] = [
  ['Append', PLAIN],
  ['BatchAppend', {}],
];

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
export const atEnd = (close: () => unknown): void => void opened.push(close);

export const start = async (options: NodeOptions = {}): Promise<EventStoreNode> => {
  const node = await startEventStoreNode(options);
  atEnd(() => node.stop());
  return node;
};

export const connect = (node: Pick<EventStoreNode, 'connectionString'>, parameters = ''): Client => {
  const client = EventStoreDBClient.connectionString(`${node.connectionString}${parameters}`);
  // It does not end where the server has ended the batch stream with OK.
  atEnd(() => Promise.race([client.dispose(), sleep(500, undefined, { ref: false })]));
  return client;
};

/**
 * A client for a node that was killed or restarted. The sockets of this process are shared by its clients, and a dead
 * one may be noticed only when it is used.
 */
export const reconnect = async (node: Pick<EventStoreNode, 'connectionString'>): Promise<Client> => {
  for (;;) {
    const client = connect(node);
    const { name } = await failure(collect(client.readAll({ maxCount: 1 })));
    if (name === 'no failure') return client;
    await sleep(20);
  }
};

export const events = (...numbers: number[]): Sample[] =>
  numbers.map((n) => jsonEvent<JSONEventType<string, { n: number }>>({ type: 'Counted', data: { n } }));

export interface Failure {
  readonly name: string;
  readonly type?: string;
  readonly code?: number;
  readonly message: string;
  readonly actualVersion?: bigint | string;
  readonly expectedVersion?: bigint | string;
  readonly leader?: { address: string; port: number };
  readonly isHanging?: boolean;
}

/** How a promise failed, or that it did not settle within `ms`. */
export const failure = async (promise: Promise<unknown>, ms = 15_000): Promise<Failure> => {
  const ended = promise.then(
    (value) => ({ name: 'no failure', message: String(value) }),
    (reason: unknown) => reason as Failure,
  );
  return Promise.race([ended, sleep(ms, { name: 'no answer', message: '', isHanging: true }, { ref: false })]);
};

export const numbersOf = (resolved: readonly ResolvedEvent[]): number[] =>
  resolved.map(({ event }) => (event?.data as { n: number }).n);

export const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

/** What the stream holds for a reader, by its numbers; the reason where it cannot be read. */
export const numbersIn = async (client: Client, stream: string): Promise<number[] | string> => {
  try {
    return numbersOf(await collect(client.readStream(stream)));
  } catch (error) {
    return (error as Failure).type ?? 'unknown';
  }
};

export const until = async (condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> => {
  for (const end = Date.now() + ms; !(await condition());) {
    if (Date.now() > end) throw new Error(`This did not come true: ${String(condition)}`);
    await sleep(5);
  }
};

export type Seen = number | 'caught-up' | Position;

/** A subscription that notes what it got, in the order in which the client gave it out. */
export const watch = (
  client: Client,
  options: { prefix?: string; window?: number; interval?: number; from?: Position | 'start' | 'end' } = {},
) => {
  const seen: Seen[] = [];
  const { prefix = 'count', window = 32, interval = 1, from = 'start' } = options;
  const subscription = client.subscribeToAll({
    fromPosition: from,
    filter: {
      filterOn: 'streamName',
      prefixes: [prefix],
      maxSearchWindow: window,
      checkpointInterval: interval,
      checkpointReached: (_subscription, position) => {
        seen.push(position);
        return Promise.resolve();
      },
    },
  });
  const faults: Failure[] = [];
  let hasEnded = false;
  subscription.on('caughtUp', () => seen.push('caught-up'));
  subscription.on('data', ({ event }: ResolvedEvent) => seen.push((event?.data as { n: number }).n));
  subscription.on('error', (error) => faults.push(error));
  subscription.on('end', () => (hasEnded = true));
  atEnd(() => subscription.unsubscribe());
  return {
    seen,
    faults,
    subscription,
    get hasEnded() {
      return hasEnded;
    },
    numbers: () => seen.filter((one) => typeof one === 'number'),
    checkpoints: () => seen.filter((one) => typeof one === 'object'),
    isCaughtUp: () => seen.includes('caught-up'),
  };
};

const root = join(import.meta.dirname, '../../..');

/** Runs a client in a process of its own, because it may end the process; answers the exit code and what it said. */
export const runClient = async (node: EventStoreNode, script: string): Promise<{ code: number; said: string }> => {
  const text = `
    import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
    const client = EventStoreDBClient.connectionString(${JSON.stringify(node.connectionString)});
    const event = () => jsonEvent({ type: 'Counted', data: { n: 1 } });
    const PLAIN = { credentials: { username: 'a', password: 'b' } };
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: root });
  atEnd(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  const [code] = (await once(child, 'exit')) as [number];
  return { code, said };
};

/** The node as a process of its own. */
export const startProcess = async (...flags: string[]): Promise<NodeProcess> => {
  const node = await startNodeProcess(...flags);
  atEnd(() => node.kill());
  return node;
};
