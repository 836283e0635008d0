import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ PORTALS: 'shop=https://shop.example.org' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const USED = [400, 'VALIDATION_ERROR', 'token', 'token_used'];
const INVALID = [400, 'VALIDATION_ERROR', 'token', 'token_invalid'];
const ENDED = [401, 'UNAUTHORIZED', 'Authorization', 'session_ended'];

const ask = (session: ClientAnswer, email: string, more: object = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'PATCH', `/users/${session.body.user.id}`, {
    token: session.body.access_token,
    body: { email, current_password: PASSWORD, ...more },
  });
const linkTo = async (address: string, mail = 1): Promise<string> =>
  linkToken(await journey.mailTo(address, mail), 'confirm-email-change');
const confirm = (token: string, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  journey.post('/auth/confirm-email-change', { token }, { headers });

describe('Another email address', () => {
  test('is confirmed from its own mailbox; the former one is told twice', async () => {
    const session = await journey.member('erna');
    await journey.post('/auth/forgot-password', { email: 'erna@example.com' });
    const reset = linkToken(await journey.mailTo('erna@example.com', 2), 'reset-password');
    const asked = await ask(session, 'Erna.New@example.com');
    expect(asked.body).toMatchObject({ email: 'erna@example.com', pending_email: 'Erna.New@example.com' });
    const notice = await journey.mailTo('erna@example.com', 3);
    expect(notice).toContain('somebody asked to use another email address');
    expect(notice).not.toMatch(/token=|Erna\.New/);

    const answer = await confirm(await linkTo('Erna.New@example.com'));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ email: 'Erna.New@example.com', pending_email: null, email_verified: true });
    expect(answer.headers.get('consistency-token')).not.toBeNull();
    expect(await journey.mailTo('erna@example.com', 4)).toContain('uses another email address from now on');
    expect(refusal(await journey.meEnded(session.body.access_token))).toStrictEqual(ENDED);
    const stale = await journey.post('/auth/reset-password', { token: reset, new_password: 'Another-Horse-8' });
    expect(refusal(stale)).toStrictEqual(INVALID);
    const login = await journey.post('/auth/login', { email: 'erna.new@example.com', password: PASSWORD });
    expect(login.status).toBe(200);
    expect((await journey.register('erna2', { email: 'erna@example.com' })).status).toBe(201);
    expect(journey.mailsTo('Erna.New@example.com')).toHaveLength(1);
  });

  test('that an administrator sets is told to the former one, and sends no link', async () => {
    const { body } = await journey.member('set');
    const token = await journey.admin();
    await call(rollbook.url, 'PATCH', `/users/${body.user.id}`, { token, body: { email: 'set2@example.com' } });
    expect(await journey.mailTo('set@example.com', 2)).toContain('uses another email address from now on');
    expect(journey.mailsTo('set2@example.com')).toStrictEqual([]);
  });

  test('leads to the portal that was named', async () => {
    await ask(await journey.member('shop'), 'shop2@example.com', { portal: 'shop' });
    expect(await journey.mailTo('shop2@example.com')).toContain('https://shop.example.org/confirm-email-change?token=');
  });

  test('of a registration that was never verified gives way to whoever reads the mailbox', async () => {
    const squatter = await journey.register('squatter', { email: 'wanted@example.com' });
    const session = await journey.member('owner');
    expect((await ask(session, 'wanted@example.com')).status).toBe(200);
    expect((await confirm(await linkTo('wanted@example.com', 2))).status).toBe(200);
    expect(await typesIn(rollbook, `user-${squatter.body.id}`)).toContain('PersonErased');
    expect((await journey.signIn('squatter')).status).toBe(401);
  });

  test('of an active account is taken, also when it became one after the request', async () => {
    const [session] = [await journey.member('late'), await journey.member('first')];
    expect(refusal(await ask(session, 'First@example.com'))).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
    await ask(session, 'free@example.com');
    const token = await linkTo('free@example.com');
    await journey.register('fast', { email: 'free@example.com' });
    const verification = linkToken(await journey.mailTo('free@example.com', 2), 'verify-email');
    await journey.post('/auth/verify-email', { token: verification });
    expect(refusal(await confirm(token))).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
    expect((await journey.me(session.body.access_token)).body.email).toBe('late@example.com');
  });
});

test('A wrong current password counts as a failed sign-in', async () => {
  const limited = await startRollbook({ RATE_LIMIT_CREDENTIALS_PER_HOUR: '3' });
  try {
    const session = await journeyOn(limited).member('guesser');
    const guess = () =>
      call(limited.url, 'PATCH', `/users/${session.body.user.id}`, {
        token: session.body.access_token,
        body: { email: 'guessed@example.com', current_password: 'Wrong-Horse-7' },
      });
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await guess()).status));
    expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(3);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(9);
  } finally {
    await limited.stop();
  }
});

describe('A link that confirms an address', () => {
  test('used twenty times at once works once', async () => {
    const session = await journey.member('race');
    await ask(session, 'race2@example.com');
    const token = await linkTo('race2@example.com');
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // Who comes while another click holds the address is told to wait.
    const others = answers.filter(({ status }) => status !== 200).map(refusal);
    for (const other of others) expect([USED, [409, 'CONFLICT', 'email', 'in_progress']]).toContainEqual(other);
    expect(refusal(await confirm(token))).toStrictEqual(USED);
    const types = await typesIn(rollbook, `user-${session.body.user.id}`);
    expect(types.filter((type) => type === 'EmailChanged')).toHaveLength(1);
  });

  test('with one Idempotency-Key gives the first answer again', async () => {
    await ask(await journey.member('again'), 'again2@example.com');
    const token = await linkTo('again2@example.com');
    const first = await confirm(token, { 'idempotency-key': 'c' });
    const second = await confirm(token, { 'idempotency-key': 'c' });
    expect([second.status, second.body]).toStrictEqual([200, first.body]);
  });

  test('dies with a newer request, and is worth nothing for another purpose', async () => {
    const session = await journey.member('newer');
    await ask(session, 'newer2@example.com');
    const older = await linkTo('newer2@example.com');
    await ask(session, 'newer3@example.com');
    expect(refusal(await confirm(older))).toStrictEqual(INVALID);
    const token = await linkTo('newer3@example.com');
    expect(refusal(await journey.post('/auth/verify-email', { token }))).toStrictEqual(INVALID);
    expect((await confirm(token)).status).toBe(200);
  });
});
