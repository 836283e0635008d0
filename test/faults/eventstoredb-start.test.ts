import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import { readConnectionSettings } from '@rollbook/shared/event-log/eventstoredb/connection-settings';
import { NO_STREAM } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { startEventStoreDbLog, type EventStoreDbLog } from '../support/eventstoredb-log.ts';
import { anAppend, collect, newStream } from '../support/log-events.ts';
import { createDatabase } from '../support/postgres.ts';
import { testSecrets } from '../support/test-secrets.ts';

const connect = (url: string, nodeEnv = 'test') =>
  connectEventStore({ url, nodeEnv, clock: systemClock, random: systemRandom });

describe('a connection string of EventStoreDB', () => {
  test('gives its credentials, and a pair that is sent to no one where TLS is off', () => {
    const { credentials } = readConnectionSettings('esdb://rollbook:p%40ss@a:2113,b:2113?tls=true', 'production');
    expect(credentials).toEqual({ username: 'rollbook', password: 'p@ss' });
    expect(readConnectionSettings('esdb://a:2113?tls=false', 'production').credentials.username).toBe('nobody');
    expect(readConnectionSettings('esdb+discover://cluster:2113/?TLS=false', undefined).url).toContain('cluster');
  });

  test.each([
    ['the password of every new server', 'esdb://admin:changeit@a:2113', 'production'],
    ['the same, written otherwise', 'esdb://ops:change%69t@a:2113?tls=false', undefined],
    ['TLS without credentials', 'esdb://a:2113', 'test'],
    ['hidden wrong revisions', 'esdb://a:2113?tls=false&throw_on_append_failure=false', 'test'],
    ['no host', 'esdb://', 'test'],
    ['a password that is not percent-encoded', 'esdb://rollbook:100%sure@a:2113', 'test'],
    ['a name that is not percent-encoded', 'esdb://%roll:book@a:2113?tls=false', 'test'],
  ])('%s: is refused with a sentence, before anything is connected', (_, url, nodeEnv) => {
    expect(() => readConnectionSettings(url, nodeEnv)).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        exitCode: 78,
        message: expect.stringContaining('EVENT_STORE_URL'),
      }),
    );
  });

  test('the password of every new server is good enough for development', () => {
    for (const nodeEnv of ['development', 'test'])
      expect(readConnectionSettings('esdb://admin:changeit@a:2113', nodeEnv).credentials.password).toBe('changeit');
  });

  test('what the client does not understand is told without the string', async () => {
    const url = 'esdb://rollbook:geheim@host:port?tls=false';
    const fault = await connect(url).catch((refused: unknown) => refused as Error);
    expect(fault).toMatchObject({ name: 'ConfigError' });
    expect((fault as Error).message).not.toContain('geheim');
  });

  test('another scheme names no log', async () => {
    await expect(connect('mysql://a/b')).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

describe('starting on an EventStoreDB', () => {
  let log: EventStoreDbLog;
  beforeEach(async () => {
    log = await startEventStoreDbLog();
  });
  afterEach(() => log.end());

  test.each([
    ['a greatest count', { maxCount: 10 }],
    ['a greatest age', { maxAge: 3600 }],
    ['a cut', { truncateBefore: 1 }],
  ])('a stream with %s is named, and the start refused', async (_, metadata) => {
    const stream = newStream();
    const writing = log.open();
    for (let n = 0; n < 400; n += 100) await writing.append(anAppend(newStream(), NO_STREAM, 100));
    await log.client.setStreamMetadata(stream, metadata);
    await expect(connect(log.node.connectionString)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(stream),
    });
    await log.client.setStreamMetadata(stream, { owner: 'us' });
    await (await connect(log.node.connectionString)).close();
  });

  test('streams of the system may have such settings', async () => {
    await log.client.setStreamMetadata('$stats-1', { maxAge: 3600 });
    await (await connect(log.node.connectionString)).close();
  });

  test('a log that cannot be reached is told as that', async () => {
    await log.node.kill();
    await expect(connect(log.node.connectionString)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  test('the log is named once, whoever asks first, and the name is in no read of it', async () => {
    const stores = Array.from({ length: 8 }, () => log.open());
    const ids = await Promise.all(stores.map((store) => store.logId()));
    expect(new Set(ids).size).toBe(1);
    const [store] = stores;
    expect((await store!.readAll({ after: null })).events).toEqual([]);
    await store!.append(anAppend(newStream(), NO_STREAM));
    const pages = store!.follow({ after: null, signal: AbortSignal.timeout(5_000) });
    expect(await collect(pages, (events) => events.length > 0)).toHaveLength(1);
    await log.node.restart();
    expect(await log.open().logId()).toBe(ids[0]);
    const other = await startEventStoreDbLog();
    expect(await other.open().logId()).not.toBe(ids[0]);
    await other.end();
  });

  test('an error answer without its trailers, at which the client throws where nobody can catch it, ends the service', async () => {
    const database = await createDatabase();
    const trailers = { exception: 'stream-deleted' };
    log.node.misbehave({ on: 'append', do: 'fail', code: status.FAILED_PRECONDITION, trailers, before: true });
    const main = join(import.meta.dirname, '../../command-api/src/main.ts');
    const service = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      env: {
        PATH: process.env['PATH'],
        ...testSecrets(),
        NODE_ENV: 'test',
        PORT: '0',
        DATABASE_URL: database.url,
        EVENT_STORE_URL: log.node.connectionString,
        PUBLIC_URL: 'http://127.0.0.1:8000',
        ADMIN_EMAIL: 'admin@example.org',
        ADMIN_PASSWORD: 'First-Admin-7-rules',
        BCRYPT_COST: '4',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, [code]] = await Promise.all([text(service.stdout), once(service, 'exit')]);
    expect(code).toBe(1);
    expect(said).toContain('nobody caught');
    await database.drop();
  });
});
