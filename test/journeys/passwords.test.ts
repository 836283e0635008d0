import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { ADMIN, startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ PORTALS: 'shop=https://shop.example.org' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const NEW = 'Another-Horse-8';
const USED = [400, 'VALIDATION_ERROR', 'token', 'token_used'];
const INVALID = [400, 'VALIDATION_ERROR', 'token', 'token_invalid'];
const INVALID_CREDENTIALS = [401, 'UNAUTHORIZED', 'password', 'invalid_credentials'];
const ENDED = [401, 'UNAUTHORIZED', 'Authorization', 'session_ended'];

const forgot = (email: string, more: object = {}): Promise<ClientAnswer> =>
  journey.post('/auth/forgot-password', { email, ...more });
const reset = (token: string, password = NEW, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  journey.post('/auth/reset-password', { token, new_password: password }, { headers });
const resetToken = async (name: string, mail: number): Promise<string> =>
  linkToken(await journey.mailTo(`${name}@example.com`, mail), 'reset-password');
const change = (token: string, body: object, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  journey.post('/auth/change-password', body, { token, headers });

describe('A forgotten password', () => {
  test('is replaced by the link of a mail; every session ends, and a mail tells', async () => {
    const { body } = await journey.member('fritz');
    const asked = await forgot('Fritz@example.com');
    expect([asked.status, asked.body.status]).toStrictEqual([202, 'accepted']);
    for (const header of ['consistency-token', 'location', 'etag']) expect(asked.headers.get(header)).toBeNull();
    const answer = await reset(await resetToken('fritz', 2));
    expect([answer.status, answer.body]).toStrictEqual([204, null]);
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect(refusal(await journey.meEnded(body.access_token))).toStrictEqual(ENDED);
    expect(refusal(await journey.signIn('fritz'))).toStrictEqual(INVALID_CREDENTIALS);
    expect((await journey.signIn('fritz', NEW)).status).toBe(200);
    expect(await journey.mailTo('fritz@example.com', 3)).toContain('was changed');
  });

  test('of an account that is still pending proves the address and clears what was written into it', async () => {
    await journey.register('squat', { first_name: 'Not', last_name: 'Me', phone: '+1-555-0123' });
    await forgot('squat@example.com');
    // Two mails on their way at once arrive in either order.
    const mails = [await journey.mailTo('squat@example.com', 1), await journey.mailTo('squat@example.com', 2)];
    const mail = mails.find((text) => text.includes('/reset-password?'));
    expect(mail).not.toContain('squat');
    expect((await reset(linkToken(mail, 'reset-password'))).status).toBe(204);
    const { body } = await journey.signIn('squat', NEW);
    expect(body.user).toMatchObject({
      status: 'active',
      email_verified: true,
      username: 'squat',
      name: 'squat',
      first_name: null,
      last_name: null,
      phone: null,
    });
  });

  test('is told to the invited as their invitation, and to strangers not at all', async () => {
    await journey.register('guest', { password: undefined }, { token: await journey.admin() });
    await journey.mailTo('guest@example.com');
    const answers = [await forgot('guest@example.com'), await forgot('nobody@example.com')];
    expect(await journey.mailTo('guest@example.com', 2)).toContain('/accept-invitation?token=');
    expect(answers[1]?.body).toStrictEqual(answers[0]?.body);
    expect(journey.mailsTo('nobody@example.com')).toStrictEqual([]);
  });

  test('leads to the portal that was named', async () => {
    await journey.member('shopper');
    await forgot('shopper@example.com', { portal: 'shop' });
    expect(await journey.mailTo('shopper@example.com', 2)).toContain('https://shop.example.org/reset-password?token=');
    expect(refusal(await forgot('shopper@example.com', { portal: 'other' }))).toContain('unknown_portal');
  });
});

describe('A reset link', () => {
  test('used twenty times at once works once', async () => {
    const { body } = await journey.member('race');
    await forgot('race@example.com');
    const token = await resetToken('race', 2);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reset(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 204)) expect(refusal(answer)).toStrictEqual(USED);
    const types = await typesIn(rollbook, `user-${body.user.id}`);
    expect(types.filter((type) => type === 'PasswordReset')).toHaveLength(1);
  });

  test('with one Idempotency-Key gives the first answer again', async () => {
    await journey.member('repeat');
    await forgot('repeat@example.com');
    const token = await resetToken('repeat', 2);
    const key = { 'idempotency-key': 'reset' };
    expect((await reset(token, NEW, key)).status).toBe(204);
    expect((await reset(token, NEW, key)).status).toBe(204);
  });

  test('dies when a newer one is sent, and spends nothing on a password that is too weak', async () => {
    await journey.member('newer');
    await forgot('newer@example.com');
    const older = await resetToken('newer', 2);
    await forgot('newer@example.com');
    const newer = await resetToken('newer', 3);
    expect(refusal(await reset(older))).toStrictEqual(INVALID);
    expect(refusal(await reset(newer, 'short'))).toStrictEqual([400, 'VALIDATION_ERROR', 'new_password', 'too_short']);
    expect((await reset(newer)).status).toBe(204);
  });

  test('is not the link of another purpose, nor any text', async () => {
    await journey.register('purpose');
    const verification = linkToken(await journey.mailTo('purpose@example.com'), 'verify-email');
    const before = await countEvents(rollbook, 'PasswordReset');
    for (const token of [verification, 'x.y.z']) expect(refusal(await reset(token))).toStrictEqual(INVALID);
    expect(refusal(await journey.post('/auth/reset-password', { new_password: NEW }))).toContain('token');
    expect(await countEvents(rollbook, 'PasswordReset')).toBe(before);
  });
});

describe('Changing the password', () => {
  test('keeps this session and ends the others', async () => {
    const { body } = await journey.member('karl');
    const other = await journey.signIn('karl');
    const answer = await change(body.access_token, { current_password: PASSWORD, new_password: NEW });
    expect([answer.status, answer.body]).toStrictEqual([204, null]);
    expect((await journey.me(body.access_token)).status).toBe(200);
    expect(refusal(await journey.meEnded(other.body.access_token))).toStrictEqual(ENDED);
    const refreshed = await journey.post('/auth/refresh', { refresh_token: body.refresh_token });
    expect(refreshed.status).toBe(200);
    expect((await journey.signIn('karl', NEW)).status).toBe(200);
    expect(await journey.mailTo('karl@example.com', 2)).toContain('was changed');
  });

  test('with a wrong current password is 400 on that field', async () => {
    const { body } = await journey.member('wrong');
    const answer = await change(body.access_token, { current_password: 'Wrong-Horse-7', new_password: NEW });
    expect(refusal(answer)).toStrictEqual([400, 'VALIDATION_ERROR', 'current_password', 'wrong']);
    expect((await journey.signIn('wrong')).status).toBe(200);
  });

  test('needs a session and a password that may be used', async () => {
    const { body } = await journey.member('weak');
    const wanted = { current_password: PASSWORD, new_password: 'weak' };
    expect(refusal(await change(body.access_token, wanted))).toContain('new_password');
    const anonymous = await journey.post('/auth/change-password', { ...wanted, new_password: NEW });
    expect(refusal(anonymous)).toStrictEqual([401, 'UNAUTHORIZED', 'Authorization', 'token_missing']);
  });

  test('obeys If-Match and Idempotency-Key', async () => {
    const { body } = await journey.member('match');
    const wanted = { current_password: PASSWORD, new_password: NEW };
    const failed = await change(body.access_token, wanted, { 'if-match': '"7"' });
    expect([failed.status, failed.headers.get('etag')]).toStrictEqual([412, '"2"']);
    const headers = { 'if-match': '"2"', 'idempotency-key': 'change' };
    expect((await change(body.access_token, wanted, headers)).status).toBe(204);
    expect((await change(body.access_token, wanted, headers)).status).toBe(204);
    const types = await typesIn(rollbook, `user-${body.user.id}`);
    expect(types.filter((type) => type === 'PasswordChanged')).toHaveLength(1);
  });

  test('of eight at once succeeds once', async () => {
    const { body } = await journey.member('many');
    const passwords = Array.from({ length: 8 }, (_, n) => `Another-Horse-${String(n)}`);
    const answers = await Promise.all(
      passwords.map((password) => change(body.access_token, { current_password: PASSWORD, new_password: password })),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(7);
  });
});

describe('An invitation', () => {
  test('is accepted with a first password, once', async () => {
    const made = await journey.register('ivy', { password: undefined }, { token: await journey.admin() });
    const token = linkToken(await journey.mailTo('ivy@example.com'), 'accept-invitation');
    const accept = () => journey.post('/auth/accept-invitation', { token, password: PASSWORD });
    expect(refusal(await journey.signIn('ivy'))).toStrictEqual(INVALID_CREDENTIALS);
    const answer = await accept();
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: made.body.id, status: 'active', email_verified: true });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(refusal(await accept())).toStrictEqual(USED);
    expect((await journey.signIn('ivy')).status).toBe(200);
  });

  test('of an administrator lists them, so that they count as one', async () => {
    await journey.register('boss', { password: undefined, role: 'admin' }, { token: await journey.admin() });
    const token = linkToken(await journey.mailTo('boss@example.com'), 'accept-invitation');
    const before = await countEvents(rollbook, 'AdminListed');
    await journey.post('/auth/accept-invitation', { token, password: PASSWORD });
    expect(await countEvents(rollbook, 'AdminListed')).toBe(before + 1);
  });

  test('is sent again by staff; the older link dies', async () => {
    const admin = await journey.admin();
    const manager = await journey.staff('mona', 'manager');
    const { body } = await journey.register('late', { password: undefined }, { token: admin });
    const older = linkToken(await journey.mailTo('late@example.com'), 'accept-invitation');
    const again = (token: string) => call(rollbook.url, 'POST', `/users/${body.id}/invitation`, { token });
    const answer = await again(manager);
    expect([answer.status, answer.body.status]).toStrictEqual([202, 'accepted']);
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    const newer = linkToken(await journey.mailTo('late@example.com', 2), 'accept-invitation');
    const accept = (token: string) => journey.post('/auth/accept-invitation', { token, password: PASSWORD });
    expect(refusal(await accept(older))).toStrictEqual(INVALID);
    expect((await accept(newer)).status).toBe(200);
    expect(refusal(await again(admin))).toStrictEqual([409, 'CONFLICT']);
    expect(refusal(await again((await journey.signIn('late')).body.access_token))).toStrictEqual([403, 'FORBIDDEN']);
    const missing = await call(rollbook.url, 'POST', '/users/00000000-0000-4000-8000-000000000000/invitation', {
      token: admin,
    });
    expect(refusal(missing)).toStrictEqual([404, 'NOT_FOUND']);
  });
});

test('The administrator of the settings can change their password too', async () => {
  const token = await journey.admin();
  const there = await change(token, { current_password: ADMIN.password, new_password: NEW });
  expect(there.status).toBe(204);
  expect((await change(token, { current_password: NEW, new_password: ADMIN.password })).status).toBe(204);
});
