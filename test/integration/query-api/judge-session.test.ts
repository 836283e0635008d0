import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { judgeSession } from '../../../query-api/src/read-model/judge-session.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ url: database.url, applicationName: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A token made `ago` seconds ago, of a session of version 3. */
const aToken = (ago = 600) => ({
  sid: randomUUID(),
  sub: randomUUID(),
  ver: 3,
  iat: Math.floor(Date.now() / 1_000) - ago,
});
type Token = ReturnType<typeof aToken>;

const opened = ({ sid, sub, ver }: Token): Promise<unknown> =>
  pool.query(
    `insert into read_model.user_sessions (id, user_id, ver, started_at, last_used_at, expires_at)
     values ($1, $2, $3, now(), now(), now() + interval '1 day')`,
    [sid, sub, ver],
  );
const endedAt = ({ sub }: Token, revision: number, kept: string | null): Promise<unknown> =>
  pool.query('insert into read_model.user_session_endings values ($1, $2, $3)', [sub, revision, kept]);
const judge = (token: Token) => judgeSession(pool, token);

describe('By the read model alone, a session', () => {
  test('cannot be judged while there is no read model', async () => {
    await expect(judge(aToken())).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  test('is open while it stands there with this person and version', async () => {
    await pool.query(
      "insert into read_model.projections (name, version, state, at_end_at) values ('user_sessions', 1, 'live', now())",
    );
    const token = aToken();
    await opened(token);
    expect(await judge(token)).toBe('open');
    expect(await judge({ ...token, ver: 2 })).toBe('ended');
    expect(await judge({ ...token, sub: randomUUID() })).toBe('ended');
  });

  test('has ended when it does not, and the read model was complete since', async () => {
    expect(await judge(aToken())).toBe('ended');
  });

  test('is unknown when it is so new that the read model may not have heard of it', async () => {
    expect(await judge(aToken(10))).toBe('unknown');
  });

  test('has ended, however new, by an event of its person that did not keep it', async () => {
    const [token, other, later] = [aToken(10), aToken(10), aToken(10)];
    await endedAt(token, 4, randomUUID());
    await endedAt(other, 4, other.sid);
    await endedAt(later, 3, null);
    expect(await Promise.all([token, other, later].map(judge))).toStrictEqual(['ended', 'unknown', 'unknown']);
  });

  test('is unknown while an event of its person waits to be applied', async () => {
    const token = aToken();
    await opened(token);
    await pool.query(
      `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
       values ('user_sessions', 1, '1', $1, $2, 'user', 4, 'RoleChanged', 'a test')`,
      [token.sub, randomUUID()],
    );
    expect(await judge(token)).toBe('unknown');
  });
});
