import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../command-api/src/main.ts';
import type { Running } from '@rollbook/shared/process/running';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, query, refusal, typesIn } from '../support/journey.ts';
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
const register = (name: string, address: string): Promise<ClientAnswer> =>
  call(apis[(turn += 1) % 2] ?? '', 'POST', '/users', {
    body: { email: `${name}@example.com`, username: name, password: PASSWORD },
    headers: { 'x-forwarded-for': address },
  });
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

  test('of many accounts from one address make its wait longer and longer, a success in between or not', async () => {
    const here = '198.51.100.60';
    await person('regular');
    await person('newcomer');
    expect((await signInFrom(here, 'regular', PASSWORD)).status).toBe(200);
    const failed = `select in_a_row, extract(epoch from blocked_until - now())::float8 as wait
      from command.credential_counts where kind = 'sign-in' and subject = '' and in_a_row > 0
      order by in_a_row desc, window_start desc limit 1`;
    await query(rollbook, `delete from command.credential_counts where subject = ''`);
    const sprayed = await Promise.all(Array.from({ length: 49 }, (_, n) => wrongFrom(here, `spray-${String(n)}`)));
    expect(sprayed.every(({ status }) => status === 401)).toBe(true);
    // Failures under a real name of one's own are no way to begin anew.
    expect((await signInFrom(here, 'regular', PASSWORD)).status).toBe(200);
    expect(await query(rollbook, failed)).toStrictEqual([{ in_a_row: 49, wait: null }]);
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      expect((await wrongFrom(here, `more-${String(n)}`)).status).toBe(401);
      const [row] = await query<{ wait: number }>(rollbook, failed);
      waits.push(row?.wait ?? 0);
      expect(refusal(await signInFrom(here, 'newcomer', PASSWORD))).toStrictEqual(REFUSED);
      // Whoever signed in from there before does not pay for their neighbours; others elsewhere neither.
      expect((await signInFrom(here, 'regular', PASSWORD)).status).toBe(200);
      await query(rollbook, `update command.credential_counts set blocked_until = null, taken = 0`);
    }
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(Math.min(900, 2 ** n));
      expect(wait).toBeGreaterThan(Math.min(900, 2 ** n) - 1);
    }
    expect((await signInFrom('198.51.100.61', 'newcomer', PASSWORD)).status).toBe(200);
    await wrongFrom(here, 'once-more');
    expect(refusal(await wrongFrom(here, 'and-again'))).toStrictEqual(REFUSED);
    await later(3_600);
    expect((await wrongFrom(here, 'an-hour-later')).status).toBe(401);
    expect((await wrongFrom(here, 'at-once-too')).status).toBe(401);
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

describe('Where the limits cannot be asked', () => {
  const rename = (from: string, to: string) => query(rollbook, `alter function command.${from} rename to ${to}`);
  /** The function is away, as the table would be, or the database. */
  const away = async (act: () => Promise<void>): Promise<void> => {
    await rename('take_credential_slot', 'slot_away');
    try {
      await act();
    } finally {
      await rename('slot_away', 'take_credential_slot');
    }
  };

  test('nobody signs in, and everybody hears the same', async () => {
    await person('waiting');
    await away(async () => {
      const answers = [
        await signInFrom('203.0.113.70', 'waiting', PASSWORD),
        await signInFrom('203.0.113.70', 'waiting', 'Wrong-Horse-7'),
        await signInFrom('203.0.113.70', 'nobody-at-all', PASSWORD),
      ];
      for (const answer of answers) {
        expect(refusal(answer)).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect({ ...answer.body.error, timestamp: '', request_id: '' }).toStrictEqual({
          ...answers[0]?.body.error,
          timestamp: '',
          request_id: '',
        });
      }
    });
    expect((await signInFrom('203.0.113.70', 'waiting', PASSWORD)).status).toBe(200);
  });

  test('requests for mail are answered as ever, and send none', async () => {
    await person('mailless');
    await journey.mailTo('mailless@example.com');
    await away(async () => {
      for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
        const [known, unknown] = [
          await journey.post(path, { email: 'mailless@example.com' }),
          await journey.post(path, { email: 'nobody-at-all@example.com' }),
        ];
        expect([known.status, known.body]).toStrictEqual([202, unknown.body]);
        expect([unknown.status, [...unknown.headers.keys()]]).toStrictEqual([202, [...known.headers.keys()]]);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    expect(journey.mailsTo('mailless@example.com')).toHaveLength(1);
    await journey.post('/auth/forgot-password', { email: 'mailless@example.com' });
    expect(await journey.mailTo('mailless@example.com', 2)).toContain('/reset-password?token=');
  });
});

describe('Requests that send mail', () => {
  test('are counted apart from sign-ins, and each kind apart from the other', async () => {
    await person('apart');
    const { body } = await register('pending', '192.0.2.210');
    for (let n = 0; n < 6; n += 1) await wrongFrom('192.0.2.211', 'apart');
    expect(refusal(await wrongFrom('192.0.2.211', 'apart'))).toStrictEqual(REFUSED);
    await journey.post('/auth/forgot-password', { email: 'apart@example.com' });
    expect(await journey.mailTo('apart@example.com', 2)).toContain('/reset-password?token=');
    const asked = async (type: string, count: number): Promise<void> => {
      const seen = async () =>
        (await typesIn(rollbook, `user-${String(body.id)}`)).filter((one) => one === type).length;
      while ((await seen()) < count) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await seen()).toBe(count);
    };
    for (let n = 0; n < 6; n += 1) await journey.post('/auth/forgot-password', { email: 'pending@example.com' });
    await asked('PasswordResetRequested', 5);
    await journey.post('/auth/resend-verification', { email: 'pending@example.com' });
    await asked('EmailVerificationRequested', 2);
    expect((await signInFrom('192.0.2.212', 'pending', PASSWORD)).status).toBe(403);
  });

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
    for (const status of [201, 409, 409, 409, 409, 409])
      expect((await register('reg0', '192.0.2.200')).status).toBe(status);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => register(`reg${String(n + 1)}`, '192.0.2.200')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(49);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });
});
