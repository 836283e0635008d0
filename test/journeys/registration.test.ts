import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ PORTALS: 'shop=https://shop.example.org' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const openLink = async (name: string, path: 'verify-email' | 'reject-registration', mail = 1) =>
  journey.post(`/auth/${path}`, { token: linkToken(await journey.mailTo(`${name}@example.com`, mail), path) });

describe('Registering oneself', () => {
  test('answers 201 with the person, its place, its version and a token to read it back', async () => {
    const answer = await journey.register('anna', { first_name: 'Anna', last_name: 'K', phone: '+1-555-0123' });
    expect(answer.status).toBe(201);
    const now = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(answer.body).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'anna',
      email: 'anna@example.com',
      email_verified: false,
      pending_email: null,
      name: 'Anna K',
      first_name: 'Anna',
      last_name: 'K',
      phone: '+1-555-0123',
      role: 'user',
      status: 'pending',
      is_active: false,
      preferences: {},
      picture_url: null,
      created_at: now,
      updated_at: answer.body.created_at,
      last_login: null,
    });
    expect(answer.headers.get('location')).toBe(`/v1/users/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get('consistency-token')).toMatch(/.+\..+\..+/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await typesIn(rollbook, `user-${answer.body.id}`)).toStrictEqual([
      'UserRegistered',
      'EmailVerificationRequested',
    ]);
  });

  test('works under /api/v1 too, with the same places in the answer', async () => {
    const body = JSON.stringify({ email: 'api@example.com', password: PASSWORD });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${rollbook.url}/api/v1/users`, { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/v1\/users\//);
  });

  test('keeps the address as it was typed and compares it without letter case', async () => {
    const first = await journey.register('case', { email: 'Case.Test@Example.COM' });
    expect(first.body.email).toBe('Case.Test@Example.COM');
    const second = await journey.register('case2', { email: 'case.test@example.com' });
    expect(refusal(second)).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
    expect(second.body.error.message).toBe('Email already registered');
    const kelvin = await journey.register('case3', { email: 'Case.Test@Example.COM'.replace('C', '\uff23') });
    expect(kelvin.status).toBe(409);
  });

  test('compares usernames with letter case', async () => {
    expect((await journey.register('Letter')).status).toBe(201);
    expect((await journey.register('letter', { email: 'letter2@example.com' })).status).toBe(201);
    const taken = await journey.register('Letter', { email: 'letter3@example.com' });
    expect(refusal(taken)).toStrictEqual([409, 'CONFLICT', 'username', 'taken']);
    expect(taken.body.error.message).toBe('Username already exists');
  });

  test('derives a username where none is given, and makes it unique', async () => {
    const first = await journey.register('x', { username: null, email: 'derived.name@example.com' });
    const second = await journey.register('x', { username: null, email: 'derived.name@example.org' });
    expect(first.body.username).toBe('derived-name');
    expect(second.body.username).toMatch(/^derived-name-[0-9a-f]{4}$/);
    expect(second.body.name).toBe(second.body.username);
  });

  test('tells every fault of the form at once, and writes nothing', async () => {
    const before = await countEvents(rollbook);
    const answer = await journey.post('/users', {
      email: 'nope',
      username: '-x',
      phone: '1',
      nickname: 'x',
      role: 'king',
    });
    expect(answer.status).toBe(400);
    const fields = answer.body.error.details.map(({ field }: { field: string }) => field);
    expect(new Set(fields)).toStrictEqual(new Set(['email', 'username', 'phone', 'nickname', 'role']));
    const weak = await journey.register('weak', { password: '123' });
    expect(refusal(weak)).toStrictEqual([400, 'VALIDATION_ERROR', 'password', 'too_short']);
    const none = await journey.post('/users', { email: 'none@example.com' });
    expect(refusal(none)).toStrictEqual([400, 'VALIDATION_ERROR', 'password', 'required']);
    expect(await countEvents(rollbook)).toBe(before);
  });

  test('accepts no If-Match', async () => {
    const answer = await journey.register('ifmatch', {}, { headers: { 'if-match': '*' } });
    expect(refusal(answer)).toStrictEqual([412, 'PRECONDITION_FAILED']);
  });
});

describe('The mail after a registration', () => {
  test('carries both links, each on a line of its own, and no text that the registrant chose', async () => {
    await journey.register('mail', { first_name: 'Click', last_name: 'here-now', name: 'Evil Display' });
    const text = await journey.mailTo('mail@example.com');
    for (const path of ['verify-email', 'reject-registration'])
      expect(text).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:8000/${path}\\?token=[\\w.-]+$`, 'm'));
    const { raw } = journey.mailsTo('mail@example.com')[0]!;
    expect(raw).not.toMatch(/Click|here-now|Evil Display/);
  });

  test('links to the portal that was asked for', async () => {
    await journey.register('portal', { portal: 'shop' });
    expect(await journey.mailTo('portal@example.com')).toMatch(/^https:\/\/shop\.example\.org\/verify-email\?token=/m);
  });

  test('never links to where the request says it was sent', async () => {
    await journey.register(
      'host',
      {},
      { headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } },
    );
    expect(await journey.mailTo('host@example.com')).not.toContain('evil.example');
  });
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
    const stale = await journey.post('/auth/verify-email', { token }, { headers: { 'if-match': '"0"' } });
    expect(refusal(stale)).toStrictEqual([412, 'PRECONDITION_FAILED']);
    expect(stale.headers.get('etag')).toBe('"1"');
    const right = await journey.post('/auth/verify-email', { token }, { headers: { 'if-match': 'W/"1.0"' } });
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
    const headers = { 'consistency-token': answer.headers.get('consistency-token') ?? '' };
    const gone = await call(rollbook.url, 'GET', `/users/${body.id}`, { token: await journey.admin(), headers });
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
  const resend = (email: string) => journey.post('/auth/resend-verification', { email });

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
