import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { linkToken } from '../support/client.ts';
import { journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { typedClient, type Schemas, type TypedAnswer } from '../support/typed-client.ts';

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
const asMember = ({ body }: TypedAnswer<Schemas['Tokens']>): Member => {
  const token = body.access_token;
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  return { id: body.user.id, token, sessionId: claims.sid };
};

const query = (token: string): Promise<TypedAnswer<unknown>> =>
  typedClient(rollbook.services['queryApi']?.addresses['http'] ?? '', token).GET('/v1/users/me');
/** Changes nothing, and is answered 404 to whoever is signed in. */
const command = (token: string): Promise<TypedAnswer<unknown>> =>
  typedClient(rollbook.services['commandApi']?.addresses['http'] ?? '', token).POST('/v1/users/{id}/invitation', {
    params: { path: { id: randomUUID() } },
  });

/** How long, from now on, an API still lets the token in, ms. */
const letsInFor = async (ask: typeof query, token: string): Promise<number> => {
  const begun = performance.now();
  for (;;) {
    const answer = await ask(token);
    if (answer.status === 401) {
      expect(answer.error?.details[0]?.code).toBe('session_ended');
      return performance.now() - begun;
    }
    expect(performance.now() - begun).toBeLessThan(10_000);
  }
};

/** What ends a session, by itself or by others; each answers when it is done. */
const done = async (asked: Promise<TypedAnswer<unknown>>): Promise<void> => {
  expect([200, 202, 204]).toContain((await asked).status);
};
const ENDINGS: Readonly<Record<string, (member: Member) => Promise<TypedAnswer<unknown>>>> = {
  'they are deactivated': ({ id }) =>
    journey.as(admin).PATCH('/v1/users/{id}', { params: { path: { id } }, body: { is_active: false } }),
  'they sign out': ({ token }) => journey.as(token).POST('/v1/auth/logout'),
  'they sign out everywhere': ({ token }) => journey.as(token).POST('/v1/auth/logout-all'),
  'their role changes': ({ id }) =>
    journey.as(admin).PUT('/v1/users/{id}/role', { params: { path: { id } }, body: { role: 'moderator' } }),
  'an administrator ends the session': ({ id, sessionId }) =>
    journey
      .as(admin)
      .DELETE('/v1/users/{id}/sessions/{session_id}', { params: { path: { id, session_id: sessionId } } }),
  'they are erased': ({ id }) =>
    journey.as(admin).DELETE('/v1/users/{id}', { params: { path: { id }, query: { soft_delete: 'false' } } }),
};

describe('An access token stops working on both APIs within a second, long before it expires, after', () => {
  test.each(Object.entries(ENDINGS))('%s', async (name, ending) => {
    const username = `gone-${String(Object.keys(ENDINGS).indexOf(name))}`;
    const member = asMember(await journey.member(username));
    expect([(await query(member.token)).status, (await command(member.token)).status]).toStrictEqual([200, 404]);
    await done(ending(member));
    const [queries, commands] = await Promise.all([letsInFor(query, member.token), letsInFor(command, member.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
    expect((await query(admin)).status).toBe(200);
  });

  test('they change their password, but for the session that did it', async () => {
    const [kept, other] = [asMember(await journey.member('changer')), asMember(await journey.signIn('changer'))];
    expect((await query(other.token)).status).toBe(200);
    const body = { current_password: PASSWORD, new_password: NEW };
    await done(journey.as(kept.token).POST('/v1/auth/change-password', { body }));
    const [queries, commands] = await Promise.all([letsInFor(query, other.token), letsInFor(command, other.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
    expect([(await query(kept.token)).status, (await command(kept.token)).status]).toStrictEqual([200, 404]);
  });

  test('they reset a forgotten password', async () => {
    const member = asMember(await journey.member('forgetful'));
    await done(journey.as().POST('/v1/auth/forgot-password', { body: { email: 'forgetful@example.com' } }));
    const token = linkToken(await journey.mailTo('forgetful@example.com', 2), 'reset-password');
    await done(journey.as().POST('/v1/auth/reset-password', { body: { token, new_password: NEW } }));
    const [queries, commands] = await Promise.all([letsInFor(query, member.token), letsInFor(command, member.token)]);
    expect(Math.max(queries, commands)).toBeLessThanOrEqual(PROMISED);
  });
});
