import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after } from '../support/typed-client.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const refresh = (refresh_token: string | null, header = {}) =>
  journey.as().POST('/v1/auth/refresh', { body: { refresh_token: refresh_token ?? '' }, params: { header } });
const sessionTypes = (token: string) => typesIn(rollbook, `session-${String(claimsOf(token)['sid'])}`);
const ENDED = [401, 'UNAUTHORIZED', 'refresh_token', 'session_ended'];
const INVALID_CREDENTIALS = [401, 'UNAUTHORIZED', 'password', 'invalid_credentials'];

describe('Signing in', () => {
  test('gives both tokens, their lives, and the person with this sign-in', async () => {
    const answer = await journey.member('sina');
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: 14 * 86_400,
      user: expect.objectContaining({ username: 'sina', last_login: expect.stringMatching(/Z$/) }),
    });
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const access = claimsOf(answer.body.access_token);
    expect(Object.keys(access).sort()).toStrictEqual([
      'aud',
      'exp',
      'iat',
      'iss',
      'jti',
      'role',
      'sid',
      'sub',
      'typ',
      'ver',
    ]);
    expect(access).toMatchObject({ iss: 'http://127.0.0.1:8000', aud: 'rollbook', sub: answer.body.user.id, ver: 2 });
    const me = await journey.as(answer.body.access_token).GET('/v1/users/me', { params: { header: after(answer) } });
    expect(me.body).toStrictEqual(answer.body.user);
  });

  test('works by the address in any form, and by the username to the letter', async () => {
    await journey.member('forms');
    const byEmail = (email: string) => journey.as().POST('/v1/auth/login', { body: { email, password: PASSWORD } });
    expect((await byEmail('FORMS@Example.com')).status).toBe(200);
    expect((await byEmail('ｆｏｒｍｓ@example.com')).status).toBe(200);
    expect(refusal(await journey.signIn('Forms'))).toStrictEqual(INVALID_CREDENTIALS);
    expect(refusal(await journey.signIn('forms@example.com'))).toStrictEqual(INVALID_CREDENTIALS);
    expect(refusal(await byEmail('forms'))).toStrictEqual(INVALID_CREDENTIALS);
  });

  test('with a wrong password says the same of everybody', async () => {
    await journey.member('right');
    await journey.register('waiting');
    await journey.register('rejected');
    const token = linkToken(await journey.mailTo('rejected@example.com'), 'reject-registration');
    await journey.post('/auth/reject-registration', { token });
    await journey.register('invited', { password: undefined }, { token: await journey.admin() });
    const names = ['right', 'waiting', 'rejected', 'invited', 'nobody', 'no one!', ''];
    const answers = await Promise.all(names.map((name) => journey.signIn(name, 'Wrong-Password-7')));
    const same = ({ body, headers }: ClientAnswer) => {
      const { timestamp: _timestamp, request_id: _requestId, ...error } = body.error;
      return { error, headers: [...headers.keys()], challenge: headers.get('www-authenticate') };
    };
    for (const answer of answers) {
      expect(refusal(answer)).toStrictEqual(INVALID_CREDENTIALS);
      expect(same(answer)).toStrictEqual(same(answers[0]!));
    }
    expect(answers[0]?.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('is refused while pending, told only to who knows the password', async () => {
    await journey.register('early');
    expect(refusal(await journey.signIn('early'))).toStrictEqual([403, 'EMAIL_NOT_VERIFIED']);
    expect(refusal(await journey.signIn('early', 'Wrong-Password-7'))).toStrictEqual(INVALID_CREDENTIALS);
  });

  test('works at once for an account that staff made with a password', async () => {
    await journey.register('hired', {}, { token: await journey.admin() });
    const answer = await journey.signIn('hired');
    expect(answer.body.user).toMatchObject({ status: 'active', email_verified: false });
  });

  test.each([
    [{ password: PASSWORD }],
    [{ email: 'a@example.com', username: 'a', password: PASSWORD }],
    [{ username: 'sina' }],
    [{ username: 'sina', password: 7 }],
    [{ username: ['sina'], password: PASSWORD }],
    [{ username: 'sina', password: 'x'.repeat(2_000) }],
    [{ username: 'sina', password: PASSWORD, remember: true }],
    ['sina'],
  ])('with %j is 400', async (body) => {
    expect(refusal(await journey.post('/auth/login', body)).slice(0, 2)).toStrictEqual([400, 'VALIDATION_ERROR']);
  });

  test('twice with one Idempotency-Key is two sign-ins', async () => {
    await journey.member('double');
    const options = { headers: { 'idempotency-key': 'sign-in' } };
    const body = { username: 'double', password: PASSWORD };
    const [one, two] = [
      await journey.post('/auth/login', body, options),
      await journey.post('/auth/login', body, options),
    ];
    expect(claimsOf(one.body.access_token)['sid']).not.toBe(claimsOf(two.body.access_token)['sid']);
  });
});

describe('Refreshing', () => {
  test('gives new tokens of the same session, and the older refresh token is spent', async () => {
    const { body } = await journey.member('rita');
    const answer = await refresh(body.refresh_token);
    expect(answer.status).toBe(200);
    expect(answer.body.user).toStrictEqual(body.user);
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    const [before, after] = [claimsOf(body.access_token), claimsOf(answer.body.access_token)];
    expect([after['sid'], after['ver']]).toStrictEqual([before['sid'], before['ver']]);
    expect(after['jti']).not.toBe(before['jti']);
    expect((await journey.me(answer.body.access_token)).status).toBe(200);
    expect((await refresh(answer.body.refresh_token)).status).toBe(200);
  });

  test('twice within the grace is 409 and ends nothing', async () => {
    const { body } = await journey.member('grace');
    const first = await refresh(body.refresh_token);
    const second = await refresh(body.refresh_token);
    expect(refusal(second)).toStrictEqual([409, 'CONFLICT']);
    expect(second.headers.get('retry-after')).toBe('1');
    expect((await refresh(first.body.refresh_token)).status).toBe(200);
  });

  test('twice with one Idempotency-Key gives the first answer again', async () => {
    const { body } = await journey.member('keyed');
    const key = { 'Idempotency-Key': 'refresh-1' };
    const first = await refresh(body.refresh_token, key);
    const second = await refresh(body.refresh_token, key);
    expect(second.status).toBe(200);
    expect(second.body).toStrictEqual(first.body);
    expect(await sessionTypes(body.access_token)).toStrictEqual(['SessionStarted', 'SessionRefreshed']);
  });

  test('twenty times at once has one winner, whose tokens work', async () => {
    const { body } = await journey.member('crowd');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(body.refresh_token)));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect((await journey.me(winners[0]!.body.access_token)).status).toBe(200);
    expect((await refresh(winners[0]!.body.refresh_token)).status).toBe(200);
  });

  test('with a token of an older generation ends the session at once', async () => {
    const { body } = await journey.member('older');
    const second = await refresh(body.refresh_token);
    const third = await refresh(second.body.refresh_token);
    expect(refusal(await refresh(body.refresh_token))).toStrictEqual(ENDED);
    expect((await sessionTypes(body.access_token)).at(-1)).toBe('SessionEnded');
    expect(refusal(await refresh(third.body.refresh_token))).toStrictEqual(ENDED);
    expect(refusal(await journey.meEnded(third.body.access_token))).toStrictEqual([
      401,
      'UNAUTHORIZED',
      'Authorization',
      'session_ended',
    ]);
  });

  test('with an access token, a link or nonsense is 401', async () => {
    const { body } = await journey.member('wrong');
    await journey.register('linked');
    const link = linkToken(await journey.mailTo('linked@example.com'), 'verify-email');
    for (const token of [body.access_token, link, 'x.y.z', body.refresh_token.slice(0, -4)])
      expect(refusal(await refresh(token))).toStrictEqual([401, 'UNAUTHORIZED', 'refresh_token', 'token_invalid']);
    expect(refusal(await journey.me(body.refresh_token))).toStrictEqual([
      401,
      'UNAUTHORIZED',
      'Authorization',
      'token_invalid',
    ]);
    expect(refusal(await journey.me(link))).toStrictEqual([401, 'UNAUTHORIZED', 'Authorization', 'token_invalid']);
    expect((await refresh('x.y.z')).headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });
});

describe('Signing out', () => {
  const logout = (options: object) => call(rollbook.url, 'POST', '/auth/logout', options);

  test.each(['access', 'refresh'])('by the %s token ends the session everywhere', async (kind) => {
    const { body } = await journey.member(`out${kind}`);
    const other = await journey.signIn(`out${kind}`);
    const options = kind === 'access' ? { token: body.access_token } : { body: { refresh_token: body.refresh_token } };
    const answer = await logout(options);
    expect([answer.status, answer.body]).toStrictEqual([204, null]);
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect(refusal(await refresh(body.refresh_token))).toStrictEqual(ENDED);
    expect((await journey.meEnded(body.access_token)).status).toBe(401);
    const refused = await journey.register('nobody', {}, { token: body.access_token });
    expect(refusal(refused)).toStrictEqual([401, 'UNAUTHORIZED', 'Authorization', 'session_ended']);
    expect((await journey.me(other.body.access_token)).status).toBe(200);
    expect((await logout(options)).status).toBe(204);
    expect((await sessionTypes(body.access_token)).filter((type) => type === 'SessionEnded')).toHaveLength(1);
  });

  test('without a token, or with a wrong one, is 401', async () => {
    const { body } = await journey.member('stay');
    const missing = [401, 'UNAUTHORIZED', 'Authorization', 'token_missing'];
    expect(refusal(await logout({}))).toStrictEqual(missing);
    expect(refusal(await logout({ body: {} }))).toStrictEqual(missing);
    expect(refusal(await logout({ headers: { authorization: 'Basic eDp5' } }))).toStrictEqual(missing);
    expect(refusal(await logout({ token: body.refresh_token })).slice(0, 2)).toStrictEqual([401, 'UNAUTHORIZED']);
    expect(refusal(await logout({ body: { refresh_token: body.access_token } })).slice(0, 2)).toStrictEqual([
      401,
      'UNAUTHORIZED',
    ]);
    expect((await journey.me(body.access_token)).status).toBe(200);
  });
});
