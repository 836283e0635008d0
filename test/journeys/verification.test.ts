import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { linkToken } from '../support/client.ts';
import { countEvents, journeyOn, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after } from '../support/typed-client.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const openLink = async (name: string, path: 'verify-email' | 'reject-registration', mail = 1) =>
  journey.as().POST(`/v1/auth/${path}`, {
    body: { token: linkToken(await journey.mailTo(`${name}@example.com`, mail), path) },
  });

describe('Verifying', () => {
  test('makes the account active, with a new version', async () => {
    await journey.register('vera');
    const answer = await openLink('vera', 'verify-email');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'active', is_active: true, email_verified: true, last_login: null });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect(refusal(await openLink('vera', 'verify-email'))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_used',
    ]);
    expect(refusal(await openLink('vera', 'reject-registration'))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_used',
    ]);
    expect((await journey.signIn('vera')).status).toBe(200);
  });

  test('by twenty clicks at once succeeds once', async () => {
    const { body } = await journey.register('twenty');
    await journey.mailTo('twenty@example.com');
    const answers = await Promise.all(Array.from({ length: 20 }, () => openLink('twenty', 'verify-email')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(refusal(answer)).toStrictEqual([400, 'VALIDATION_ERROR', 'token', 'token_used']);
    const types = await typesIn(rollbook, `user-${body.id}`);
    expect(types.filter((type) => type === 'EmailVerified')).toHaveLength(1);
  });

  test('minds If-Match, and tells the current version', async () => {
    await journey.register('match');
    const token = linkToken(await journey.mailTo('match@example.com'), 'verify-email');
    const verify = (body: { token: string }, version: string) =>
      journey.as().POST('/v1/auth/verify-email', { body, params: { header: { 'If-Match': version } } });
    const stale = await verify({ token }, '"0"');
    expect(refusal(stale)).toStrictEqual([412, 'PRECONDITION_FAILED']);
    expect(stale.headers.get('etag')).toBe('"1"');
    const right = await verify({ token }, 'W/"1.0"');
    expect(right.status).toBe(200);
  });

  test('with no token, another purpose’s or an invented one is 400 and no event', async () => {
    await journey.register('purpose');
    const text = await journey.mailTo('purpose@example.com');
    const before = await countEvents(rollbook);
    const invalid = [400, 'VALIDATION_ERROR', 'token', 'token_invalid'];
    const reject = linkToken(text, 'reject-registration');
    const verify = linkToken(text, 'verify-email');
    expect(refusal(await journey.post('/auth/verify-email', { token: reject }))).toStrictEqual(invalid);
    expect(refusal(await journey.post('/auth/reject-registration', { token: verify }))).toStrictEqual(invalid);
    expect(refusal(await journey.post('/auth/verify-email', { token: 'x.y.z' }))).toStrictEqual(invalid);
    expect(refusal(await journey.post('/auth/verify-email', {}))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'required',
    ]);
    expect(await countEvents(rollbook)).toBe(before);
  });
});

describe('Saying "this was not me"', () => {
  test('erases the pending account and frees both names at once', async () => {
    const { body } = await journey.register('notme');
    const answer = await openLink('notme', 'reject-registration');
    expect([answer.status, answer.body]).toStrictEqual([204, null]);
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect((await typesIn(rollbook, `user-${body.id}`)).slice(-2)).toStrictEqual([
      'RegistrationExpired',
      'PersonErased',
    ]);
    expect(refusal(await openLink('notme', 'reject-registration'))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_used',
    ]);
    expect(refusal(await openLink('notme', 'verify-email'))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_used',
    ]);
    expect(refusal(await journey.signIn('notme')).slice(0, 2)).toStrictEqual([401, 'UNAUTHORIZED']);
    const again = await journey.register('notme');
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(body.id);
    const gone = await journey
      .as(await journey.admin())
      .GET('/v1/users/{id}', { params: { path: { id: body.id }, header: after(answer) } });
    expect(gone.body).toMatchObject({ status: 'erased', email: null, username: null });
  });

  test('against a verification at the same time has one winner', async () => {
    const { body } = await journey.register('race');
    await journey.mailTo('race@example.com');
    const answers = await Promise.all([openLink('race', 'verify-email'), openLink('race', 'reject-registration')]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    const types = await typesIn(rollbook, `user-${body.id}`);
    expect(types.includes('EmailVerified')).toBe(!types.includes('PersonErased'));
  });
});

describe('Asking again for the mail', () => {
  const resend = (email: string) => journey.as().POST('/v1/auth/resend-verification', { body: { email } });

  test('sends a new link and kills the older ones', async () => {
    await journey.register('again');
    await journey.mailTo('again@example.com');
    await resend('AGAIN@example.com');
    await journey.mailTo('again@example.com', 2);
    expect(refusal(await openLink('again', 'verify-email', 1))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_invalid',
    ]);
    expect(refusal(await openLink('again', 'reject-registration', 1))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'token',
      'token_invalid',
    ]);
    expect((await openLink('again', 'verify-email', 2)).status).toBe(200);
  });

  test('is answered alike for known, verified and unknown addresses', async () => {
    await journey.register('known');
    // A mail that was not sent yet is dropped when a newer one is asked for.
    await journey.mailTo('known@example.com');
    const answers = [
      await resend('known@example.com'),
      await resend('vera@example.com'),
      await resend('nobody@example.com'),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(202);
      expect(answer.body).toStrictEqual(answers[0]?.body);
      for (const name of ['consistency-token', 'location', 'etag']) expect(answer.headers.get(name)).toBeNull();
    }
    const names = answers.map(({ headers }) => [...headers.keys()]);
    expect(names[1]).toStrictEqual(names[0]);
    expect(names[2]).toStrictEqual(names[0]);
    await journey.mailTo('known@example.com', 2);
    expect(journey.mailsTo('vera@example.com')).toHaveLength(1);
  });

  test('for what is no address is 400', async () => {
    expect(refusal(await resend('m\u0131ke@example.com'))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'email',
      'invalid_email',
    ]);
  });
});
