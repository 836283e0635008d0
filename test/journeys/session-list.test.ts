import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after, typedClient } from '../support/typed-client.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const ENDED = [401, 'UNAUTHORIZED', 'Authorization', 'session_ended'];
const sessionsOf = (id: string, token: string, header = {}) =>
  journey.as(token).GET('/v1/users/{id}/sessions', { params: { path: { id }, header } });
const revoke = (id: string, session_id: string, token: string) =>
  journey.as(token).DELETE('/v1/users/{id}/sessions/{session_id}', { params: { path: { id, session_id } } });

describe('The sessions of a person', () => {
  test('are listed, and each can be ended', async () => {
    const first = await journey.member('lena');
    const second = await journey.signIn('lena');
    const { id } = second.body.user;
    const token = second.body.access_token;
    const listed = await sessionsOf(id, token, after(second));
    expect(listed.status).toBe(200);
    expect(listed.headers.get('projection-position')).not.toBeNull();
    expect(listed.body.data).toStrictEqual([
      expect.objectContaining({ is_current: true, address: '127.0.0.1', user_agent: expect.any(String) }),
      expect.objectContaining({ is_current: false, started_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) }),
    ]);
    const older = listed.body.data[1]!.id;
    const revoked = await revoke(id, older, token);
    expect([revoked.status, revoked.body]).toStrictEqual([204, null]);
    expect(refusal(await journey.meEnded(first.body.access_token))).toStrictEqual(ENDED);
    expect((await revoke(id, older, token)).status).toBe(204);
    expect((await typesIn(rollbook, `session-${older}`)).filter((type) => type === 'SessionEnded')).toHaveLength(1);
    expect((await sessionsOf(id, token, after(revoked))).body.data).toHaveLength(1);
  });

  test('are for the person and administrators only', async () => {
    const { body } = await journey.member('own');
    const stranger = await journey.member('stranger');
    const manager = await journey.staff('manny', 'manager');
    const admin = await journey.admin();
    const { id } = body.user;
    const [session] = (await sessionsOf(id, admin, after(stranger))).body.data;
    expect(refusal(await sessionsOf(id, stranger.body.access_token))).toStrictEqual([404, 'NOT_FOUND']);
    expect(refusal(await sessionsOf(id, manager))).toStrictEqual([403, 'FORBIDDEN']);
    expect(refusal(await revoke(id, session!.id, stranger.body.access_token))).toStrictEqual([404, 'NOT_FOUND']);
    expect(refusal(await revoke(id, session!.id, manager))).toStrictEqual([403, 'FORBIDDEN']);
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(refusal(await sessionsOf(missing, admin))).toStrictEqual([404, 'NOT_FOUND']);
    expect(refusal(await revoke(id, missing, admin))).toStrictEqual([404, 'NOT_FOUND']);
    expect(refusal(await revoke(stranger.body.user.id, session!.id, admin))).toStrictEqual([404, 'NOT_FOUND']);
    expect((await revoke(id, session!.id, admin)).status).toBe(204);
    expect(refusal(await journey.meEnded(body.access_token))).toStrictEqual(ENDED);
  });
});

describe('Signing out everywhere', () => {
  test('ends every session, this one too, and lists none', async () => {
    const first = await journey.member('olga');
    const second = await journey.signIn('olga');
    const everywhere = () => journey.as(second.body.access_token).POST('/v1/auth/logout-all');
    const answer = await everywhere();
    expect([answer.status, answer.body]).toStrictEqual([204, null]);
    for (const { body } of [first, second]) {
      expect(refusal(await journey.meEnded(body.access_token))).toStrictEqual(ENDED);
      const { refresh_token } = body;
      expect((await journey.as().POST('/v1/auth/refresh', { body: { refresh_token } })).status).toBe(401);
    }
    expect(refusal(await everywhere())).toStrictEqual(ENDED);
    const again = await journey.signIn('olga');
    const listed = await sessionsOf(again.body.user.id, again.body.access_token, after(again));
    expect(listed.body.data).toHaveLength(1);
  });
});

test('A hash of another cost is made anew at the next sign-in, without ending a session', async () => {
  const { body } = await journey.member('rehashed');
  const other = { ...rollbook.env, BCRYPT_COST: '5', PORT: '0' };
  const { start } = await import('../../command-api/src/main.ts');
  const second = await start(other);
  try {
    const signIn = () =>
      typedClient(second.addresses['http'] ?? '').POST('/v1/auth/login', {
        body: { username: 'rehashed', password: PASSWORD },
      });
    expect((await signIn()).status).toBe(200);
    const rehashes = async () =>
      (await typesIn(rollbook, `user-${body.user.id}`)).filter((type) => type === 'PasswordRehashed').length;
    while ((await rehashes()) !== 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await signIn()).status).toBe(200);
    expect((await journey.me(body.access_token)).status).toBe(200);
  } finally {
    await second.stop();
  }
  const types = await typesIn(rollbook, `user-${body.user.id}`);
  expect(types.filter((type) => type === 'PasswordRehashed')).toHaveLength(1);
});
