import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../command-api/src/main.ts';
import type { Running } from '@rollbook/shared/process/running';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, query, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let second: Running;
let journey: ReturnType<typeof journeyOn>;
let apis: readonly string[];
beforeAll(async () => {
  // The tests speak for the gateway, so that they can come from many addresses.
  rollbook = await startRollbook({ RATE_LIMIT_CREDENTIALS_PER_HOUR: '5' });
  second = await start({ ...rollbook.env, PORT: '0' });
  journey = journeyOn(rollbook);
  apis = [rollbook.services['commandApi']?.addresses['http'] ?? '', second.addresses['http'] ?? ''];
});
afterAll(async () => {
  await second.stop();
  await rollbook.stop();
});

const REFUSED = [429, 'RATE_LIMIT_EXCEEDED'];
const WRONG = [401, 'UNAUTHORIZED', 'password', 'invalid_credentials'];
let turn = 0;
/** To the two copies in turn, as from the address. */
const signInFrom = (address: string, username: string, password: string): Promise<ClientAnswer> =>
  call(apis[(turn += 1) % 2] ?? '', 'POST', '/auth/login', {
    body: { username, password },
    headers: { 'x-forwarded-for': address },
  });
const wrongFrom = (address: string, username: string) => signInFrom(address, username, 'Wrong-Horse-7');
const later = (seconds: number) =>
  query(
    rollbook,
    `update command.credential_counts set window_start = window_start - make_interval(secs => ${String(seconds)}),
       blocked_until = blocked_until - make_interval(secs => ${String(seconds)})`,
  );
/** Registered and verified, without a sign-in from anywhere. */
const person = async (name: string): Promise<void> => {
  await journey.register(name);
  await journey.verify(name);
};

describe('Wrong passwords', () => {
  test.each(['known', 'nobody'])('fifty at once for %s through two copies: five are looked at', async (name) => {
    if (name === 'known') await person(name);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => wrongFrom(`192.0.2.${String(n)}`, name)));
    const seen = answers.map(refusal);
    expect(seen.filter(([status]) => status === 401)).toHaveLength(5);
    expect(seen.filter(([status]) => status === 429)).toHaveLength(45);
    for (const answer of answers.filter(({ status }) => status === 429))
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('shut out strangers, not the person at an address of their own', async () => {
    await person('victim');
    expect((await signInFrom('198.51.100.7', 'victim', PASSWORD)).status).toBe(200);
    for (let n = 0; n < 5; n += 1) expect(refusal(await wrongFrom('203.0.113.9', 'victim'))).toStrictEqual(WRONG);
    expect(refusal(await signInFrom('203.0.113.10', 'victim', PASSWORD))).toStrictEqual(REFUSED);
    expect((await signInFrom('198.51.100.7', 'victim', PASSWORD)).status).toBe(200);
  });

  test('are forgotten by a success, and successes cost nothing', async () => {
    await person('sloppy');
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 4; n += 1) await wrongFrom('203.0.113.30', 'sloppy');
      await later(3_600);
      expect((await signInFrom('203.0.113.30', 'sloppy', PASSWORD)).status).toBe(200);
    }
    for (let n = 0; n < 8; n += 1) expect((await signInFrom('203.0.113.30', 'sloppy', PASSWORD)).status).toBe(200);
  });

  test('from the fifth in a row on make the next wait longer and longer, up to a quarter of an hour', async () => {
    await person('slow');
    const waits: (string | null)[] = [];
    for (let n = 0; n < 16; n += 1) {
      await wrongFrom(`203.0.113.${String(100 + n)}`, 'slow');
      const refused = await wrongFrom(`203.0.113.${String(150 + n)}`, 'slow');
      if (refused.status === 429 && n >= 4) {
        const [row] = await query<{ wait: number }>(
          rollbook,
          `select extract(epoch from blocked_until - now())::float8 as wait from command.credential_counts
           where kind = 'sign-in' and in_a_row >= 5 and blocked_until is not null order by window_start desc limit 1`,
        );
        waits.push(String(Math.round(row?.wait ?? 0)));
      }
      await later(3_600);
    }
    expect(waits.map(Number).at(-1)).toBeGreaterThan(890);
    expect(waits.map(Number).every((wait) => wait <= 900)).toBe(true);
  });

  test('a hundred in a row close the account to strangers until a reset', async () => {
    await person('closed');
    await wrongFrom('203.0.113.40', 'closed');
    await query(
      rollbook,
      `update command.credential_counts set in_a_row = 100, taken = 0, blocked_until = null
       where kind = 'sign-in' and subject = (select id::text from read_model.user_directory where username = 'closed')`,
    );
    const refused = await signInFrom('203.0.113.41', 'closed', PASSWORD);
    expect([refused.status, refused.headers.get('retry-after')]).toStrictEqual([429, '900']);
    await journey.post('/auth/forgot-password', { email: 'closed@example.com' });
    const token = linkToken(await journey.mailTo('closed@example.com', 2), 'reset-password');
    const reset = await journey.post('/auth/reset-password', { token, new_password: 'Another-Horse-8' });
    expect(reset.status).toBe(204);
    expect((await signInFrom('203.0.113.42', 'closed', 'Another-Horse-8')).status).toBe(200);
  });

  test('of many accounts from one address count for that address, an IPv6 network as one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 70 }, (_, n) => wrongFrom(`2001:db8:0:7::${n.toString(16)}`, `guess-${String(n)}`)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(50);
    expect((await wrongFrom('2001:db8:0:8::1', 'guess-elsewhere')).status).toBe(401);
  });

  test('of a signed-in person count too', async () => {
    const { body } = await journey.member('inside');
    const change = () =>
      journey.post(
        '/auth/change-password',
        { current_password: 'Wrong-Horse-7', new_password: 'Another-Horse-8' },
        { token: body.access_token },
      );
    for (let n = 0; n < 5; n += 1) expect((await change()).status).toBe(400);
    expect(refusal(await change())).toStrictEqual(REFUSED);
  });
});

describe('Requests that send mail', () => {
  test('are limited per account; the answer stays the same', async () => {
    await person('flooded');
    const before = await countEvents(rollbook, 'PasswordResetRequested');
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => journey.post('/auth/forgot-password', { email: 'flooded@example.com' })),
    );
    expect(answers.map(({ status }) => status)).toStrictEqual(Array.from({ length: 12 }, () => 202));
    const counted = `select taken from command.credential_counts where kind = 'reset' and subject =
      (select id::text from read_model.user_directory where username = 'flooded')`;
    while ((await countEvents(rollbook, 'PasswordResetRequested')) < before + 5)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await query(rollbook, counted)).toStrictEqual([{ taken: 5 }]);
    expect(await countEvents(rollbook, 'PasswordResetRequested')).toBe(before + 5);
  });

  test('registrations are limited per address, those that were turned down not counted', async () => {
    const register = (n: number, email = `r${String(n)}@example.net`): Promise<ClientAnswer> =>
      call(apis[n % 2] ?? '', 'POST', '/users', {
        body: { email, password: PASSWORD },
        headers: { 'x-forwarded-for': '192.0.2.200' },
      });
    await register(0);
    for (let n = 0; n < 5; n += 1) expect((await register(n, 'r0@example.net')).status).toBe(409);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => register(n + 1)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(49);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });
});
