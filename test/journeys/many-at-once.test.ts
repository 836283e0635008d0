import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { countEvents, eventsIn, journeyOn, PASSWORD, query } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const withStatus = (answers: readonly ClientAnswer[], status: number) =>
  answers.filter((answer) => answer.status === status);
/** How many answers there are of each kind: `201`, `409 taken`, … */
const countOf = (answers: readonly ClientAnswer[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = status < 400 ? String(status) : [status, body.error.details[0]?.code ?? body.error.code].join(' ');
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};
/** The same letters in the n-th mixture of cases. */
const inMixedCase = (text: string, n: number): string =>
  [...text].map((letter, index) => ((n >> (index % 8)) & 1 ? letter.toUpperCase() : letter)).join('');

describe('Many registrations at once', () => {
  test('200 of one address in mixed case: one is registered, 199 are told that it is taken', async () => {
    const answers = await Promise.all(
      numbers(200).map((n) =>
        journey.register(`one-${String(n)}`, { email: inMixedCase('one.address@example.com', n) }),
      ),
    );
    const { 201: made, '409 taken': taken = 0, '409 in_progress': inProgress = 0, ...others } = countOf(answers);
    expect([made, taken + inProgress, others]).toStrictEqual([1, 199, {}]);
    for (const answer of answers.filter(({ error }) => error?.details[0]?.code === 'in_progress'))
      expect(answer.headers.get('retry-after')).toBe('1');
    const registered = await eventsIn(rollbook, 'UserRegistered');
    expect(registered.map(({ stream }) => stream)).toContain(`user-${String(withStatus(answers, 201)[0]?.body.id)}`);
    // The first administrator and the one who won.
    expect(registered).toHaveLength(2);
  });

  test('100 of different addresses: all are registered', async () => {
    const before = await countEvents(rollbook, 'UserRegistered');
    const answers = await Promise.all(numbers(100).map((n) => journey.register(`each-${String(n)}`)));
    expect(countOf(answers)).toStrictEqual({ 201: 100 });
    expect(await countEvents(rollbook, 'UserRegistered')).toBe(before + 100);
  });

  test('20 of one username: one is registered, and the others go through at once with another', async () => {
    const register = (n: number, username: string) =>
      journey.register(username, { email: `name-${String(n)}@example.com` });
    const answers = await Promise.all(numbers(20).map((n) => register(n, 'wanted')));
    expect(withStatus(answers, 201)).toHaveLength(1);
    const losers = numbers(20).filter((n) => answers[n]?.status === 409);
    expect(losers).toHaveLength(19);
    const second = await Promise.all(losers.map((n) => register(n, `free-${String(n)}`)));
    expect(countOf(second)).toStrictEqual({ 201: 19 });
  });

  test('20 with one derived username: all are registered, each under its own', async () => {
    const answers = await Promise.all(
      numbers(20).map((n) => journey.register('x', { username: null, email: `popular@domain-${String(n)}.example` })),
    );
    expect(countOf(answers)).toStrictEqual({ 201: 20 });
    expect(new Set(answers.map(({ body }) => String(body.username))).size).toBe(20);
  });
});

describe('What is registered', () => {
  test('is in the list for whoever sends the Consistency-Token back, always', async () => {
    const token = await journey.admin();
    for (const n of numbers(10)) {
      const made = await journey.register(`seen-${String(n)}`);
      const headers = { 'consistency-token': made.headers.get('consistency-token') ?? '' };
      const list = await call(rollbook.url, 'GET', '/users?sort_by=created_at&order=desc', { token, headers });
      expect(list.body.data.map(({ id }: { id: string }) => id)).toContain(made.body.id);
    }
  });

  test('stands in no table but the read model in a form that a search finds', async () => {
    const secrets = {
      email: 'grep-me.person@example.com',
      username: 'grepme_user',
      password: 'Grep-Secret-77',
      first_name: 'Grepfirst',
      last_name: 'Greplast',
      phone: '+1-555-7777777',
    };
    await journey.post('/users', secrets, { headers: { 'idempotency-key': 'grep', 'user-agent': 'grep-agent/1.0' } });
    await journey.mailTo(secrets.email);
    await journey.post('/auth/login', { email: secrets.email, password: 'Wrong-Grep-1' });
    const tables = await query<{ name: string }>(
      rollbook,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('event_log', 'keys', 'message_feed', 'command', 'mailer')`,
    );
    expect(tables.map(({ name }) => name)).toContain('keys.person_keys');
    const rows = await Promise.all(
      tables.map(({ name }) => query<{ line: string }>(rollbook, `select t::text as line from ${name} t`)),
    );
    // The log may be no table.
    rows.push((await eventsIn(rollbook)).map((event) => ({ line: JSON.stringify(event) })));
    const dump = rows
      .flat()
      .map(({ line }) => line)
      .join('\n');
    expect(dump).toContain('UserRegistered');
    for (const secret of [...Object.values(secrets), PASSWORD, 'grep-agent'])
      for (const form of formsOf(secret)) expect(dump.toLowerCase()).not.toContain(form.toLowerCase());
  });
});

/** A text as it is, as hex, and as base64 at each of the three places where a group may begin. */
const formsOf = (text: string): readonly string[] => [
  text,
  Buffer.from(text).toString('hex'),
  ...[0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'\0'.repeat(shift)}${text}`).toString('base64');
    // A group that holds more than the text says nothing; what is too short stands in any ciphertext.
    return encoded.slice(shift === 0 ? 0 : 4, encoded.endsWith('=') ? -4 : undefined);
  }),
];
