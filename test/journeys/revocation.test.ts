import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, linkToken, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

/** The product's promise: nobody goes on longer than this (ms) once the answer of what ended their session is there. */
const PROMISED = 1_000;
const NEW = 'Another-Horse-8';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

interface Member {
  readonly id: string;
  readonly token: string;
  readonly sessionId: string;
}
const asMember = ({ body }: ClientAnswer): Member => {
  const token = String(body.access_token);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  return { id: String(body.user.id), token, sessionId: claims.sid };
};

const query = (token: string): Promise<ClientAnswer> =>
  call(rollbook.services['queryApi']?.addresses['http'] ?? '', 'GET', '/users/me', { token });
/** Changes nothing, and is answered 404 to whoever is signed in. */
const command = (token: string): Promise<ClientAnswer> =>
  call(rollbook.services['commandApi']?.addresses['http'] ?? '', 'POST', `/users/${randomUUID()}/invitation`, {
    token,
  });

/** How long, from now on, an API still lets the token in, ms. */
const letsInFor = async (ask: (token: string) => Promise<ClientAnswer>, token: string): Promise<number> => {
  const begun = performance.now();
  for (;;) {
    const answer = await ask(token);
    if (answer.status === 401) {
      expect(answer.body.error.details[0].code).toBe('session_ended');
      return performance.now() - begun;
    }
    expect(performance.now() - begun).toBeLessThan(10_000);
  }
};

/** What ends a session, by itself or by others; each answers when it is done. */
const send = (method: string, path: string, options: CallOptions) => async () => {
  const { status } = await call(rollbook.url, method, path, options);
  expect([200, 202, 204]).toContain(status);
};
const ENDINGS: Readonly<Record<string, (member: Member) => () => Promise<void>>> = {
  'they are deactivated': ({ id }) => send('PATCH', `/users/${id}`, { token: admin, body: { is_active: false } }),
  'they sign out': ({ token }) => send('POST', '/auth/logout', { token }),
  'they sign out everywhere': ({ token }) => send('POST', '/auth/logout-all', { token }),
  'their role changes': ({ id }) => send('PUT', `/users/${id}/role`, { token: admin, body: { role: 'moderator' } }),
  'an administrator ends the session': ({ id, sessionId }) =>
    send('DELETE', `/users/${id}/sessions/${sessionId}`, { token: admin }),
  'they are erased': ({ id }) => send('DELETE', `/users/${id}?soft_delete=false`, { token: admin }),
};

describe('An access token stops working on both APIs within a second, long before it expires, after', () => {
  test.each(Object.entries(ENDINGS))('%s', async (name, ending) => {
    const username = `gone-${String(Object.keys(ENDINGS).indexOf(name))}`;
    const member = asMember(await journey.member(username));
    expect([(await query(member.token)).status, (await command(member.token)).status]).toStrictEqual([200, 404]);
    await ending(member)();
    const [queries, commands] = await Promise.all([letsInFor(query, member.token), letsInFor(command, member.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
    expect((await query(admin)).status).toBe(200);
  });

  test('they change their password, but for the session that did it', async () => {
    const [kept, other] = [asMember(await journey.member('changer')), asMember(await journey.signIn('changer'))];
    expect((await query(other.token)).status).toBe(200);
    const body = { current_password: PASSWORD, new_password: NEW };
    await send('POST', '/auth/change-password', { token: kept.token, body })();
    const [queries, commands] = await Promise.all([letsInFor(query, other.token), letsInFor(command, other.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
    expect([(await query(kept.token)).status, (await command(kept.token)).status]).toStrictEqual([200, 404]);
  });

  test('they reset a forgotten password', async () => {
    const member = asMember(await journey.member('forgetful'));
    await send('POST', '/auth/forgot-password', { body: { email: 'forgetful@example.com' } })();
    const token = linkToken(await journey.mailTo('forgetful@example.com', 2), 'reset-password');
    await send('POST', '/auth/reset-password', { body: { token, new_password: NEW } })();
    const [queries, commands] = await Promise.all([letsInFor(query, member.token), letsInFor(command, member.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
  });
});
