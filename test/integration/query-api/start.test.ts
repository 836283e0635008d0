import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { pino } from 'pino';
import { SERVICE } from '@rollbook/shared/contracts/streams';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { EMPTY_STREAM, sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { keyCheck } from '@rollbook/shared/personal-data/key-checks';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { start } from '../../../query-api/src/main.ts';
import { until } from '../../support/feed-audience.ts';
import { detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

const logger = pino({ level: 'silent' });
const masterKey = randomBytes(32);
const inSettings = (key: KeyObject): string => `k1:${key.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const keys = {
  TOKEN_PUBLIC_KEYS: inSettings(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
  RECEIPT_PUBLIC_KEYS: inSettings(generateKeyPairSync('ed25519').publicKey),
  NOTARY_PUBLIC_KEYS: inSettings(generateKeyPairSync('ed25519').publicKey),
};
let database: TestDatabase;
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PORT: '0',
  DATABASE_URL: database.url,
  EVENT_STORE_URL: database.url,
  PUBLIC_URL: 'http://localhost:8000',
  MASTER_KEY: `m1:${masterKey.toString('base64')}`,
  ...keys,
  ...more,
});

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

describe('query-api', () => {
  test('starts before there is a read model, says that it waits for it, and stops', async () => {
    const service = await start(env(), { logger });
    const url = service.addresses['http']!;
    expect((await probe(url, { path: '/health/live' })).status).toBe(200);
    let ready!: Seen;
    await until('what ends sessions, and the keys of whoever was erased, were read', async () => {
      ready = await probe(url, { path: '/health/ready' });
      return !detailsOf(ready).some((detail) => /^(?:session_endings|erased_keys): down$/.test(detail));
    });
    await service.stop();
    expect([ready.status, detailsOf(ready)]).toEqual([
      503,
      ['user_directory: down', 'user_sessions: down', 'erasures: down', 'api_keys: down', 'audit_index: down'],
    ]);
    await expect(probe(url, { path: '/health/live' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('does not start with a key that the log was not written with', async () => {
    const store = new MemoryEventStore({ clock });
    const log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
    const data = { digestKey: '', peppers: {}, masterKeys: { m1: keyCheck(randomBytes(32), 'master-key') } };
    await log.append(SERVICE, EMPTY_STREAM, [{ type: 'KeyChecksRecorded', data, personal: null }], {
      actor: { kind: 'system', id: null },
      origin: null,
      requestId: 'test',
      correlationId: 'test',
      causationId: null,
      commandId: randomUUID(),
    });
    await expect(start(env(), { logger, store })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('MASTER_KEY (id m1)') as unknown,
    });
  });

  test('on a taken port says so', async () => {
    const first = await start(env(), { logger });
    const { port } = new URL(first.addresses['http']!);
    await expect(start(env({ PORT: port }), { logger })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining(port) as unknown,
    });
    await first.stop();
  });

  test('without its settings names each of them', async () => {
    await expect(start({}, { logger })).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(
        /DATABASE_URL.*EVENT_STORE_URL.*PUBLIC_URL.*MASTER_KEY.*TOKEN_PUBLIC_KEYS.*RECEIPT_PUBLIC_KEYS.*NOTARY_PUBLIC_KEYS/s,
      ) as unknown,
    });
  });
});
