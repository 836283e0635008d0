import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { NO_STREAM } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { allowAccessFrom } from '../../deploy/eventstore-access.ts';
import { selfSigned } from '../support/certificate.ts';
import { startFile } from '../support/child-process.ts';
import { startEventStoreNode, type EventStoreNode, type NodeOptions } from '../support/eventstore-node/node.ts';
import { encrypted, guardedFor } from '../support/eventstore-users.ts';
import { anAppend, collect, idsOf, newStream } from '../support/log-events.ts';
import { createDatabase } from '../support/postgres.ts';
import { testSecrets } from '../support/test-secrets.ts';

/** Every sign that an address gives a meaning. */
const PASSWORD = 'p@ss:w/ö rd?&=%41';
const OURS = `rollbook:${encodeURIComponent(PASSWORD)}`;
const certificate = selfSigned();
const secured: NodeOptions = {
  credentials: encrypted(certificate),
  guard: guardedFor({ admin: 'changed', rollbook: PASSWORD }),
};

const closing: (() => Promise<unknown>)[] = [];
const atEnd = (close: () => Promise<unknown>): void => void closing.push(close);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let folder: string;
let tls: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-tls-'));
  await writeFile(join(folder, 'ca.crt'), certificate.certificate);
  await writeFile(join(folder, 'other.crt'), selfSigned().certificate);
  tls = `tls=true&tlsCAFile=${join(folder, 'ca.crt')}`;
});
afterAll(() => rm(folder, { recursive: true }));

const start = async (options: NodeOptions = {}): Promise<EventStoreNode> => {
  const node = await startEventStoreNode({ ...secured, ...options });
  atEnd(() => node.stop());
  return node;
};
const hostOf = ({ port }: EventStoreNode): string => `127.0.0.1:${String(port)}`;

const connect = async (url: string, nodeEnv = 'production') => {
  const store = await connectEventStore({ url, nodeEnv, clock: systemClock, random: systemRandom });
  atEnd(() => store.close());
  return store;
};

/** What the operator does once, with the administrator's password. */
const letUsReadAll = async (node: EventStoreNode, admin = 'admin:changed'): Promise<[number, string]> => {
  const said: string[] = [];
  const terminal = { log: (line: string) => said.push(line), error: (line: string) => said.push(line) };
  const [ours, theirs] = [OURS, admin].map((pair) => `esdb://${pair}@${hostOf(node)}?${tls}`);
  const code = await allowAccessFrom({ EVENT_STORE_URL: ours, EVENT_STORE_ADMIN_URL: theirs }, terminal);
  return [code, said.join()];
};

describe('an EventStoreDB with TLS and users', () => {
  test('is written, read and followed with the name and password of the connection string', async () => {
    const node = await start();
    await letUsReadAll(node);
    const store = await connect(`esdb://${OURS}@${hostOf(node)}?${tls}`);
    const append = anAppend(newStream(), NO_STREAM, 3);
    expect(await store.append(append)).toMatchObject({ outcome: 'stored', revision: 2 });
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
    const pages = store.follow({ after: null, signal: AbortSignal.timeout(10_000) });
    expect(idsOf(await collect(pages, (events) => events.length === 3))).toEqual(idsOf(append.events));
    expect(await store.logId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the right to read the whole log is given once, beside those that others have', async () => {
    const node = await start();
    const admin = EventStoreDBClient.connectionString(`esdb://admin:changed@${hostOf(node)}?${tls}`);
    atEnd(() => admin.dispose());
    const ours = { cacheControl: 7, acl: { readRoles: ['auditor'], writeRoles: ['$admins'] } };
    await admin.setStreamMetadata('$all', ours);
    expect(await letUsReadAll(node)).toEqual([0, 'rollbook may read the whole log now.']);
    expect(await letUsReadAll(node)).toEqual([0, 'rollbook may read the whole log already.']);
    const { metadata } = await admin.getStreamMetadata('$all');
    expect(metadata).toEqual({ ...ours, acl: { ...ours.acl, readRoles: ['auditor', 'rollbook'] } });
    await connect(`esdb://${OURS}@${hostOf(node)}?${tls}`);
  });

  test('the right is given by administrators only, and to somebody', async () => {
    const node = await start();
    expect(await letUsReadAll(node, OURS)).toEqual([1, expect.stringMatching(/^The right to read was not given: /)]);
    const env = { EVENT_STORE_URL: `esdb://${hostOf(node)}?tls=false`, EVENT_STORE_ADMIN_URL: 'esdb://admin:x@a:1' };
    const said: string[] = [];
    const terminal = { log: (line: string) => said.push(line), error: (line: string) => said.push(line) };
    expect(await allowAccessFrom(env, terminal)).toBe(78);
    expect(said).toEqual([expect.stringMatching(/^EVENT_STORE_URL names no user/)]);
  });

  test.each([
    ['a wrong password', 'rollbook:wrong'],
    ['a name that nobody has', 'somebody:wrong'],
    ['a name that may not read $all', OURS],
  ])('%s is refused at the start with one sentence that does not show it', async (_, pair) => {
    const node = await start();
    const refused = await connect(`esdb://${pair}@${hostOf(node)}?${tls}`).catch((fault: unknown) => fault as Error);
    expect(refused).toMatchObject({ name: 'ConfigError', exitCode: 78 });
    expect((refused as Error).message).toMatch(/^EVENT_STORE_URL: EventStoreDB refuses this name and password/);
    expect((refused as Error).message).not.toContain(pair.split(':')[1]);
  });

  test('a password that is changed while we run: told at once, and nothing was written', async () => {
    let password = PASSWORD;
    const guard: NodeOptions['guard'] = (...call) => guardedFor({ admin: 'changed', rollbook: password })(...call);
    const node = await start({ guard });
    await letUsReadAll(node);
    const store = await connect(`esdb://${OURS}@${hostOf(node)}?${tls}`);
    password = 'another';
    const append = anAppend(newStream(), NO_STREAM);
    await expect(store.append(append)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.read(append.stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(node.log.stream(append.stream)).toEqual([]);
    password = PASSWORD;
    expect(await store.append(append)).toMatchObject({ outcome: 'stored' });
  });

  test('a server whose certificate another authority signed is not talked to', async () => {
    const node = await start();
    const url = `esdb://${OURS}@${hostOf(node)}?tls=true&tlsCAFile=${join(folder, 'other.crt')}`;
    await expect(connect(url)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  test('a file of authorities that is not there is told as that, without the password', async () => {
    const refused = await connect(`esdb://${OURS}@127.0.0.1:1?tls=true&tlsCAFile=/nowhere/ca.crt`).catch(
      (fault: unknown) => fault as Error,
    );
    expect(refused).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('EVENT_STORE_URL') });
    expect((refused as Error).message).not.toContain(PASSWORD);
  });

  test('a service with a wrong password ends with 78 and the sentence', async () => {
    const node = await start();
    const database = await createDatabase();
    atEnd(() => database.drop());
    const service = startFile('query-api/src/main.ts', [], {
      ...testSecrets(),
      NODE_ENV: 'production',
      PORT: '0',
      DATABASE_URL: database.url,
      EVENT_STORE_URL: `esdb://rollbook:wrong-one@${hostOf(node)}?${tls}`,
      PUBLIC_URL: 'http://127.0.0.1:8000',
    });
    const { code, said } = await service.exit;
    expect({ code, said }).toEqual({
      code: 78,
      said: expect.stringContaining('EVENT_STORE_URL: EventStoreDB refuses'),
    });
    expect(said).not.toContain('wrong-one');
  });

  test('the password of every new server is refused outside development, before anything is sent', async () => {
    const node = await start({ guard: guardedFor({ admin: 'changeit' }) });
    const url = `esdb://admin:changeit@${hostOf(node)}?${tls}`;
    const asked = node.misbehave({ on: ['read', 'subscribe'], do: 'lose-answer', times: 9 });
    for (const nodeEnv of ['production', 'staging', ''])
      await expect(connect(url, nodeEnv)).rejects.toMatchObject({ name: 'ConfigError', exitCode: 78 });
    expect(asked.done).toBe(0);
    asked.cancel();
    for (const nodeEnv of ['development', 'test']) await connect(url, nodeEnv);
  });
});

describe('a cluster with TLS and users, found by gossip', () => {
  const cluster = async () => {
    const leader = await start();
    const follower = await start({ joins: leader });
    await letUsReadAll(leader);
    return { leader, follower, hosts: `${hostOf(follower)},${hostOf(leader)}` };
  };
  /** Counts the appends that reach a node. */
  const watched = (node: EventStoreNode) => node.misbehave({ on: 'append', do: 'delay', ms: 0, times: Infinity });

  test.each(['', '&nodePreference=follower'])(
    'the leader takes what is written, and after a change the new one does (options: "%s")',
    async (options) => {
      const { leader, follower, hosts } = await cluster();
      const store = await connect(`esdb://${OURS}@${hosts}?${tls}${options}`);
      const [first, second] = [watched(leader), watched(follower)];
      const [one, two] = [anAppend(newStream(), NO_STREAM), anAppend(newStream(), NO_STREAM)];
      expect(await store.append(one)).toMatchObject({ outcome: 'stored' });
      expect(first.done).toBe(1);
      // Refused as "not leader" before the node does anything: only admitted calls are counted.
      expect(second.done).toBe(0);
      follower.lead();
      expect(await store.append(two)).toMatchObject({ outcome: 'stored' });
      expect([first.done, second.done]).toEqual([1, 1]);
      expect(idsOf(await store.read(two.stream))).toEqual(idsOf(two.events));
    },
  );

  test('one name for the whole cluster is enough (esdb+discover)', async () => {
    const { leader, follower } = await cluster();
    const store = await connect(`esdb+discover://${OURS}@${hostOf(follower)}?${tls}`);
    const first = watched(leader);
    expect(await store.append(anAppend(newStream(), NO_STREAM))).toMatchObject({ outcome: 'stored' });
    expect(first.done).toBe(1);
  });

  test('a leader that dies is replaced: what is written goes to its successor, and the follower goes on', async () => {
    const { leader, follower, hosts } = await cluster();
    const store = await connect(`esdb://${OURS}@${hosts}?${tls}&discoveryInterval=50`);
    const before = anAppend(newStream(), NO_STREAM);
    await store.append(before);
    const stop = new AbortController();
    atEnd(() => {
      stop.abort();
      return Promise.resolve();
    });
    const following = collect(store.follow({ after: null, signal: stop.signal }), (events) => events.length === 2);
    await leader.kill();
    follower.lead();
    const after = anAppend(newStream(), NO_STREAM);
    expect(await store.append(after)).toMatchObject({ revision: 0 });
    expect(idsOf(await following)).toEqual([...idsOf(before.events), ...idsOf(after.events)]);
  });
});
