import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  atEnd,
  connect,
  events,
  failure,
  numbersIn,
  PATHS,
  PLAIN,
  reconnect,
  start,
  startProcess,
  until,
  watch,
} from './node-rig.ts';

const logFile = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'node-log-'));
  atEnd(() => rm(folder, { recursive: true }));
  return join(folder, 'log');
};

// The client warns of keepalives below 10 s, and takes them.
beforeAll(() => void jest.spyOn(console, 'warn').mockReturnValue());
const IMPATIENT = '&keepAliveInterval=700&keepAliveTimeout=700';

describe('9.2: the connection and the process', () => {
  test('broken connections fail append, batch and subscription within ms; later calls work', async () => {
    const node = await start();
    const client = connect(node);
    const { faults, isCaughtUp } = watch(client);
    await until(isCaughtUp);
    node.misbehave({ on: ['append', 'batchAppend'], do: 'lose-answer', times: 2 });
    const flying = PATHS.map(([, by]) => failure(client.appendToStream('count-1', events(1), by)));
    await until(() => node.log.stream('count-1').length === 2);
    node.drop();
    for (const failed of await Promise.all(flying)) expect(failed.message).toBe('14 UNAVAILABLE: Connection dropped');
    await until(() => faults.length === 1);
    expect(faults[0]!.type).toBe('unavailable');
    await (await reconnect(node)).appendToStream('count-1', events(2), PLAIN);
  });

  test('one call can break every connection, its event written', async () => {
    const node = await start();
    node.misbehave({ on: 'append', do: 'drop' });
    expect((await failure(connect(node).appendToStream('count-1', events(1), PLAIN))).type).toBe('unavailable');
    expect(await numbersIn(await reconnect(node), 'count-1')).toEqual([1]);
  });

  test('a killed process fails all calls at once; started again on its file, it has what it acknowledged', async () => {
    const file = await logFile();
    const first = await startProcess('--file', file);
    const client = connect(first);
    await client.appendToStream('count-1', events(1));
    const { faults, isCaughtUp } = watch(client);
    await until(isCaughtUp);
    first.misbehave({ on: 'append', do: 'lose-answer', times: 99 });
    await until(async () => (await failure(client.appendToStream('other', [], { deadline: 50, ...PLAIN }))).code === 4);
    const flying = failure(client.appendToStream('count-1', events(2), PLAIN));
    await until(async () => (await numbersIn(client, 'count-1')).length === 2);
    await first.kill();
    expect((await flying).type).toBe('unavailable');
    await until(() => faults.length === 1);
    const second = await startProcess('--file', file, '--port', String(first.port));
    expect(await numbersIn(await reconnect(second), 'count-1')).toEqual([1, 2]);
  });

  test('a frozen process shows by the keepalive alone, and goes on when it is thawed', async () => {
    const node = await startProcess();
    const client = connect(node, IMPATIENT);
    const { faults, isCaughtUp } = watch(client);
    await until(isCaughtUp);
    node.signal('SIGSTOP');
    const failed = await Promise.all(PATHS.map(([, by]) => failure(client.appendToStream('count-1', events(1), by))));
    expect(failed.map(({ type, code }) => type ?? code)).toEqual(['unavailable', 14]);
    await until(() => faults.length === 1);
    expect(faults[0]!.type).toBe('unavailable');
    node.signal('SIGCONT');
    await (await reconnect(node)).appendToStream('count-1', events(2), PLAIN);
  });

  test('a node frozen in this process looks the same', async () => {
    const node = await start();
    const client = connect(node, IMPATIENT);
    const { faults, isCaughtUp } = watch(client);
    await until(isCaughtUp);
    node.freeze();
    expect((await failure(client.appendToStream('count-1', events(1), PLAIN))).type).toBe('unavailable');
    await until(() => faults.length === 1);
    expect(node.log.stream('count-1')).toHaveLength(0);
    node.thaw();
    await (await reconnect(node)).appendToStream('count-1', events(2), PLAIN);
  });

  test('with nobody listening an append fails raw, a read and a delete as "unavailable"; all work once it is up', async () => {
    const node = await start();
    await node.kill();
    const client = connect(node);
    const raw = await failure(client.appendToStream('count-1', events(1)));
    expect([raw.code, raw.type]).toEqual([14, undefined]);
    expect(await numbersIn(client, 'count-1')).toBe('unavailable');
    expect((await failure(client.deleteStream('count-1'))).type).toBe('unavailable');
    await node.restart();
    await (await reconnect(node)).appendToStream('count-1', events(1));
  });
});

describe('the log in a file', () => {
  test('comes back with its positions, revisions, deletions and metadata', async () => {
    const file = await logFile();
    const node = await start({ file });
    const client = connect(node);
    await client.appendToStream('count-1', events(1, 2));
    await client.appendToStream('count-2', events(3));
    await client.tombstoneStream('count-2');
    const { records } = node.log;
    await node.restart();
    expect(node.log.records.slice(0, -1)).toEqual(records);
    const again = await reconnect(node);
    expect([await numbersIn(again, 'count-1'), await numbersIn(again, 'count-2')]).toEqual([[1, 2], 'stream-deleted']);
  });

  test('without its last line, if that was torn: an append is in it whole or not at all', async () => {
    const file = await logFile();
    const node = await start({ file });
    const client = connect(node);
    await client.appendToStream('count-1', events(1));
    await client.appendToStream('count-1', events(2, 3));
    await node.kill();
    await truncate(file, (await readFile(file)).length - 10);
    await node.restart();
    const again = await reconnect(node);
    expect(await numbersIn(again, 'count-1')).toEqual([1]);
    await again.appendToStream('count-1', events(4), { expectedRevision: 0n });
    await node.restart();
    expect(await numbersIn(await reconnect(node), 'count-1')).toEqual([1, 4]);
  });

  test('5.12: can come back shorter than it was', async () => {
    const file = await logFile();
    const node = await start({ file });
    await connect(node).appendToStream('count-1', events(1, 2, 3));
    await node.restart({ lose: 2 });
    expect(await numbersIn(await reconnect(node), 'count-1')).toEqual([1]);
  });
});

test('the node stays small: fewer than 1,000 lines in all', async () => {
  const folder = join(import.meta.dirname, '../../support/eventstore-node');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.join('').split('\n').length - 1;
  expect(lines).toBeGreaterThan(500);
  expect(lines).toBeLessThan(1_000);
});
