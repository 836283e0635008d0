import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../command-api/src/main.ts';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { MINUTE } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import type { Running } from '@rollbook/shared/process/running';
import { call, type ClientAnswer } from '../support/client.ts';
import { countEvents, eventsIn, journeyOn, PASSWORD, query, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
/** Two more copies of command-api, one with limits; what they do every minute they do ten times a second. */
let copies: readonly Running[];
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  const sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === MINUTE ? 100 : ms, signal);
  const clock = { ...systemClock, sleep };
  const env = { ...rollbook.env, PORT: '0' };
  copies = [await start({ ...env, RATE_LIMIT_CREDENTIALS_PER_HOUR: '5' }, { clock }), await start(env, { clock })];
});
afterAll(async () => {
  await Promise.all(copies.map((copy) => copy.stop()));
  await rollbook.stop();
});

const WRONG = 'Wrong-Horse-7';
const signinsOf = (id: string): Promise<readonly StoredEvent[]> => rollbook.store.read(`signin-${id}`);
const typesOf = async (id: string, type: string): Promise<readonly StoredEvent[]> =>
  (await signinsOf(id)).filter((event) => event.type === type);
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const latest = Date.now() + 15_000; !(await holds());) {
    if (Date.now() > latest) throw new Error('It never came to hold');
    await new Promise((wake) => setTimeout(wake, 20));
  }
};
const failuresOf = async (id: string, count: number): Promise<readonly StoredEvent[]> => {
  await until(async () => (await typesOf(id, 'SignInFailed')).length >= count);
  return typesOf(id, 'SignInFailed');
};
const signInAt = (copy: number, username: string, password: string): Promise<ClientAnswer> =>
  call(copies[copy]?.addresses['http'] ?? '', 'POST', '/auth/login', { body: { username, password } });
const hoursAgo = (hours: number) =>
  query(
    rollbook,
    `update command.refused_sign_ins set window_start = window_start - make_interval(hours => ${String(hours)})`,
  );

describe('A wrong password', () => {
  test('is an event of the person, and changes neither their last sign-in nor their version', async () => {
    const signedIn = await journey.member('noted');
    const { body } = signedIn;
    const meAfter = (answer: ClientAnswer) =>
      call(rollbook.url, 'GET', '/users/me', {
        token: body.access_token,
        headers: { 'consistency-token': answer.headers.get('consistency-token') ?? '' },
      });
    const before = await meAfter(signedIn);
    expect((await journey.signIn('noted', WRONG)).status).toBe(401);
    const [event] = await failuresOf(body.user.id, 1);
    expect([event?.data, event?.metadata.actor]).toStrictEqual([{ where: 'sign-in' }, { kind: 'anonymous', id: null }]);
    expect(event?.personal.map(({ subject }) => subject)).toStrictEqual([expect.stringMatching(/^day-/)]);
    expect(JSON.stringify(event)).not.toContain('127.0.0.1');
    // A change of another kind brings the read model past the failure.
    const changed = await call(rollbook.url, 'PATCH', `/users/${String(body.user.id)}`, {
      token: body.access_token,
      body: { phone: '+1-555-0123' },
    });
    expect(changed.body.last_login).toBe(body.user.last_login);
    const after = await meAfter(changed);
    expect([before.body.last_login, after.body.last_login]).toStrictEqual([body.user.last_login, body.user.last_login]);
    const signIns = (answer: ClientAnswer) => /\.(\d+)"$/.exec(answer.headers.get('etag') ?? '')?.[1];
    expect([signIns(before), signIns(after)]).toStrictEqual(['1', '1']);
  });

  test('for a name that nobody has is no event', async () => {
    const before = await countEvents(rollbook);
    for (let n = 0; n < 3; n += 1) expect((await journey.signIn('no-such-person', WRONG)).status).toBe(401);
    await new Promise((wake) => setTimeout(wake, 300));
    expect(await countEvents(rollbook)).toBe(before);
  });

  test('given as the current password counts as one of the person', async () => {
    const { body } = await journey.member('inside');
    const [id, token] = [String(body.user.id), String(body.access_token)];
    const answers = [
      await journey.post(
        '/auth/change-password',
        { current_password: WRONG, new_password: 'Another-Horse-8' },
        { token },
      ),
      await call(rollbook.url, 'PATCH', `/users/${id}`, {
        token,
        body: { email: 'new@example.com', current_password: WRONG },
      }),
      await journey.post(`/users/${id}/erasure`, { current_password: WRONG }, { token }),
    ];
    for (const answer of answers)
      expect(refusal(answer)).toStrictEqual([400, 'VALIDATION_ERROR', 'current_password', 'wrong']);
    for (const { data, metadata } of await failuresOf(id, 3))
      expect([data, metadata.actor]).toStrictEqual([{ where: 'current-password' }, { kind: 'person', id }]);
    expect(await typesOf(id, 'SignInFailed')).toHaveLength(3);
  });

  test('sent twice with one Idempotency-Key has failed twice', async () => {
    const { body } = await journey.member('twice');
    const change = () =>
      journey.post(
        '/auth/change-password',
        { current_password: WRONG, new_password: 'Another-Horse-8' },
        { token: body.access_token, headers: { 'idempotency-key': 'again' } },
      );
    expect([(await change()).status, (await change()).status]).toStrictEqual([400, 400]);
    expect(await failuresOf(body.user.id, 2)).toHaveLength(2);
  });

  test('is not lost when its service is asked to end at once', async () => {
    const { body } = await journey.member('lastword');
    const short = await start({ ...rollbook.env, PORT: '0' });
    const url = short.addresses['http'] ?? '';
    const answers = Array.from({ length: 4 }, () =>
      call(url, 'POST', '/auth/login', { body: { username: 'lastword', password: WRONG } }),
    );
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(401);
    await short.stop();
    expect(await typesOf(body.user.id, 'SignInFailed')).toHaveLength(4);
  });
});

describe('Many wrong passwords for one person', () => {
  test('through several copies make twenty events, and one that says how many more there were', async () => {
    const { body } = await journey.member('besieged');
    const id = String(body.user.id);
    const guess = (n: number) => (n % 2 === 0 ? journey.signIn('besieged', WRONG) : signInAt(1, 'besieged', WRONG));
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => guess(n)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(50);
    const counted = async () =>
      (
        await query<{ count: string }>(rollbook, 'select count from command.refused_sign_ins where subject = $1', [id])
      )[0];
    await until(async () => Number((await counted())?.count) === 30);
    expect(await typesOf(id, 'SignInFailed')).toHaveLength(20);
    await hoursAgo(2);
    await until(async () => (await typesOf(id, 'SignInsRefused')).length > 0);
    await until(async () => (await counted()) === undefined);
    expect((await typesOf(id, 'SignInsRefused')).map(({ data }) => data['count'])).toStrictEqual([30]);
    expect((await journey.signIn('besieged')).status).toBe(200);
  });

  test('that were refused unseen are counted too', async () => {
    const { body } = await journey.member('shut');
    const id = String(body.user.id);
    const answers = await Promise.all(Array.from({ length: 12 }, () => signInAt(0, 'shut', WRONG)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
    await failuresOf(id, 5);
    await hoursAgo(2);
    await until(async () => (await typesOf(id, 'SignInsRefused')).length > 0);
    expect((await typesOf(id, 'SignInsRefused')).map(({ data }) => data['count'])).toStrictEqual([7]);
    expect(await typesOf(id, 'SignInFailed')).toHaveLength(5);
  });

  test('are nobody else’s, and hold nothing personal', async () => {
    await journey.member('quiet');
    const refused = await signInAt(1, 'quiet', PASSWORD);
    expect(await typesOf(refused.body.user.id, 'SignInFailed')).toStrictEqual([]);
    expect((await eventsIn(rollbook, 'SignInsRefused')).every(({ personal }) => personal.length === 0)).toBe(true);
  });
});
