import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { Authority } from '@rollbook/shared/person/authority';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { QueryAuthority } from '../../../query-api/src/read-model/query-authority.ts';
import { countingStore } from '../../support/counting-store.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { signIn, tokenKeys, tokenRules } from '../../support/signed-in.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test' });
  await pool.query(
    "insert into read_model.projections (name, version, state, at_end_at) values ('user_sessions', 1, 'live', now())",
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('Who asks a query while the log is away', () => {
  test('is known by the read model of sessions, but not where the query needs the log itself', async () => {
    let away = false;
    const { store: plain } = countingStore(new MemoryEventStore({ clock }));
    const store: EventStore = {
      ...plain,
      read: (stream, options) => (away ? Promise.reject(new StoreUnavailable('away')) : plain.read(stream, options)),
    };
    const log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
    const authority = new Authority(log, new TokenVerifier(tokenKeys, tokenRules), clock);
    const apiKeys = new ApiKeys({ log, clock });
    const asked = new QueryAuthority({ authority, apiKeys, recent: null, pool, accessTtl: 900_000 });
    const person = await signIn(log, 'auditor');
    const bearer = person.headers.Authorization.slice('Bearer '.length);
    const caller = { userId: person.id, sessionId: person.sessionId, role: 'auditor' };
    expect(await asked.look(bearer, 'log')).toStrictEqual(caller);
    away = true;
    await expect(asked.look(bearer, 'log')).rejects.toMatchObject({ name: 'StoreUnavailable' });
    // It began a moment ago, and the read model may not have heard of it.
    await expect(asked.look(bearer)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await pool.query(
      `insert into read_model.user_sessions (id, user_id, ver, started_at, last_used_at, expires_at)
       values ($1, $2, 0, now(), now(), now() + interval '1 day')`,
      [person.sessionId, person.id],
    );
    expect(await asked.look(bearer)).toStrictEqual(caller);
    const nobody = await asked.look(null);
    expect(isRejection(nobody) && nobody.rejection).toBe('token_missing');
  });
});
