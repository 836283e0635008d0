import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, type CallOptions, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, query, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

const NOTHING = '00000000-0000-4000-8000-000000000000';
const LARGE = process.env['ROLLBOOK_PROFILE'] === 'large';
const fresh = (answer: ClientAnswer) => ({ 'consistency-token': answer.headers.get('consistency-token') ?? '' });
const get = (path: string, headers: Record<string, string> = {}, token = admin): Promise<ClientAnswer> =>
  call(rollbook.url, 'GET', path, { token, headers });
const operations = async (): Promise<any> => (await get('/operations')).body;
/** What is shown once whoever acts on the request has done so; on a busy machine that may take longer than a query waits. */
const operationsAfter = async (asked: ClientAnswer): Promise<any> => {
  let answer = await get('/operations', fresh(asked));
  await until('the request was acted on', async () => {
    if (answer.status !== 200) answer = await get('/operations', fresh(asked));
    return answer.status === 200;
  });
  return answer.body;
};
const redrive = (what: string, id: string, options: CallOptions = {}): Promise<ClientAnswer> =>
  journey.post('/operations/redrive', { what, id }, { token: admin, ...options });

/** What no program of ours writes: the table refuses whoever has this phone. */
const plant = (phone: string): Promise<unknown> =>
  query(
    rollbook,
    `alter table read_model.user_directory add constraint planted check (phone is distinct from '${phone}') not valid`,
  );
const heal = (): Promise<unknown> => query(rollbook, 'alter table read_model.user_directory drop constraint planted');

describe('The state of the service', () => {
  test('names every follower of the log, its place and its lag, and the queue of mails', async () => {
    await journey.member('steady');
    await until('the mails are through', async () => (await operations()).mails.pending === 0);
    const answer = await get('/operations');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('projection-position')).not.toBeNull();
    expect(answer.headers.get('projection-lag-ms')).toMatch(/^\d+$/);
    const { log, followers, consumers, parked_events, dead_letters, mails } = answer.body;
    expect(log).toStrictEqual({ available: true, end: expect.any(String) });
    const names = followers.map(({ name }: { name: string }) => name);
    for (const name of ['user_directory', 'user_sessions', 'erasures', 'api_keys', 'relay', 'destroy-keys', 'redrive'])
      expect(names).toContain(name);
    for (const follower of followers) {
      expect(follower).toMatchObject({ state: 'live', parked_events: 0, parked_people: 0, other_log_at: null });
      expect(follower.lag_ms).toBeGreaterThanOrEqual(0);
      // PostgreSQL can say how many; EventStoreDB's places are no numbers of events.
      if (LARGE) expect(follower.events_behind).toBeNull();
      else expect(follower.events_behind).toBeGreaterThanOrEqual(0);
    }
    expect(consumers).toStrictEqual([{ group: 'mailer-worker', messages_behind: LARGE ? null : 0 }]);
    expect([parked_events.total, dead_letters.total]).toStrictEqual([0, 0]);
    expect(mails).toMatchObject({ pending: 0, sending: 0, expired: 0, dead: 0 });
    expect(mails.sent_last_hour).toBeGreaterThanOrEqual(1);
  });

  test('is for administrators, and a refused attempt is an event', async () => {
    const manager = await journey.staff('curious', 'manager');
    expect(refusal(await get('/operations', {}, manager))).toStrictEqual([403, 'FORBIDDEN']);
    const id = randomUUID();
    const refused = await redrive('parked_event', id, { token: manager });
    expect(refusal(refused)).toStrictEqual([403, 'FORBIDDEN']);
    const events = await eventsIn(rollbook, 'AdministrationRefused');
    expect(events.at(-1)).toMatchObject({ data: { operation: 'redrive', reason: 'forbidden' } });
  });
});

describe('An event that could not be applied', () => {
  test('is shown, waits with what is later of that person, and is applied again on request', async () => {
    const phone = '+1-555-0100';
    await plant(phone);
    const { user, access_token: token } = (await journey.member('parked')).body;
    const path = `/users/${user.id}`;
    const change = (body: object) => call(rollbook.url, 'PATCH', path, { token, body });
    await change({ phone });
    const last = await change({ first_name: 'Mia' });
    await until('both are parked', async () => (await operations()).parked_events.total === 2);

    const shown = await operations();
    const [first, second] = shown.parked_events.data;
    const common = { read_model: 'user_directory', version: 1, person_id: user.id, stream: `user-${user.id}` };
    expect(first).toMatchObject({ ...common, type: 'ProfileChanged', reason: 'SQLSTATE 23514', tried_at: null });
    expect(second).toMatchObject({ ...common, reason: 'Waits behind an earlier event of this person' });
    expect(JSON.stringify(shown)).not.toContain(phone);
    expect(JSON.stringify(shown)).not.toContain('parked@example.com');
    const directory = shown.followers.find(({ name }: { name: string }) => name === 'user_directory');
    expect(directory).toMatchObject({ parked_events: 2, parked_people: 1 });

    // The person's own token waits in vain; without one, and for others, the read model answers.
    expect(refusal(await get(path, fresh(last)))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
    expect((await get(path)).body).toMatchObject({ phone: null, first_name: null });

    const inVain = await redrive('parked_event', first.id);
    expect(inVain.status).toBe(202);
    const still = (await operationsAfter(inVain)).parked_events;
    expect(still.total).toBe(2);
    expect(still.data[0]).toMatchObject({ id: first.id, since: first.since, tried_at: expect.any(String) });

    await heal();
    const key = { 'idempotency-key': randomUUID() };
    const asked = await redrive('parked_event', first.id, { headers: key });
    expect(asked).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect((await operationsAfter(asked)).parked_events).toStrictEqual({ total: 0, data: [] });
    // Nothing of this person is parked any more, so their own token is answered again.
    expect((await get(path, fresh(last))).body).toMatchObject({ phone, first_name: 'Mia' });

    // Sent again with its key it is the same request; without one, there is nothing any more.
    expect((await redrive('parked_event', first.id, { headers: key })).status).toBe(202);
    expect(refusal(await redrive('parked_event', first.id))).toStrictEqual([404, 'NOT_FOUND']);
    const requests = await eventsIn(rollbook, 'RedriveRequested');
    expect(requests.map(({ type, data }) => [type, data])).toStrictEqual([
      ['RedriveRequested', { what: 'parked_event', id: first.id }],
      ['RedriveRequested', { what: 'parked_event', id: first.id }],
    ]);
  });

  test('goes, with all that waits behind it, when the person is erased', async () => {
    const phone = '+1-555-0101';
    await plant(phone);
    const { user, access_token: token } = (await journey.member('forgotten')).body;
    await call(rollbook.url, 'PATCH', `/users/${user.id}`, { token, body: { phone } });
    await until('it is parked', async () => (await operations()).parked_events.total === 1);
    const erased = await call(rollbook.url, 'DELETE', `/users/${user.id}?soft_delete=false`, { token: admin });
    expect(erased.status).toBe(204);
    // The erasure waits for nothing: its own token is answered.
    await until('the erasure is seen', async () => (await get(`/users/${user.id}`, fresh(erased))).status === 200);
    expect((await get(`/users/${user.id}`)).body).toMatchObject({ status: 'erased', phone: null });
    expect((await operations()).parked_events.total).toBe(0);
    await heal();
  });
});

describe('A mail that was given up', () => {
  test('is shown among the dead letters, and arrives once when it is asked for again', async () => {
    rollbook.smtp.behave(550);
    await journey.register('undelivered');
    await until('it is given up', async () => (await operations()).dead_letters.total === 1);
    rollbook.smtp.behave('accept');
    const shown = await operations();
    const [letter] = shown.dead_letters.data;
    expect(letter).toStrictEqual({
      id: expect.any(String),
      group: 'mailer-worker',
      type: 'rollbook.user.email-verification-requested.v1',
      mails: ['verify-email'],
      reason: '550 at RCPT TO',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
    });
    expect(shown.mails.dead).toBe(1);
    expect(JSON.stringify(shown)).not.toContain('undelivered');

    const asked = await redrive('dead_letter', letter.id);
    expect(asked.status).toBe(202);
    expect((await operationsAfter(asked)).dead_letters.total).toBe(0);
    await journey.verify('undelivered');
    expect(journey.mailsTo('undelivered@example.com')).toHaveLength(1);
    expect(refusal(await redrive('dead_letter', letter.id))).toStrictEqual([404, 'NOT_FOUND']);
  });
});

describe('A request to try something again', () => {
  test.each([
    [{ what: 'everything', id: NOTHING }, 'what'],
    [{ what: 'dead_letter', id: 'mine' }, 'id'],
    [{ what: 'dead_letter' }, 'id'],
    [{ what: 'dead_letter', id: NOTHING, now: true }, 'now'],
  ])('that is %j is refused', async (body, field) => {
    const answer = await journey.post('/operations/redrive', body, { token: admin });
    expect(refusal(answer).slice(0, 3)).toStrictEqual([400, 'VALIDATION_ERROR', field]);
  });

  test('takes no If-Match: it names nothing that has an ETag', async () => {
    const phone = '+1-555-0102';
    await plant(phone);
    const { user, access_token: token } = (await journey.member('matched')).body;
    await call(rollbook.url, 'PATCH', `/users/${user.id}`, { token, body: { phone } });
    await until('it is parked', async () => (await operations()).parked_events.total === 1);
    await heal();
    const { id } = (await operations()).parked_events.data[0];
    expect((await redrive('parked_event', id, { headers: { 'if-match': '*' } })).status).toBe(412);
    const asked = await redrive('parked_event', id);
    expect((await operationsAfter(asked)).parked_events.total).toBe(0);
  });
});

describe('While the log is away', () => {
  test('the state of the service is still told, and says so', async () => {
    await journey.me(admin);
    await rollbook.logDoor?.shut();
    const answer = await get('/operations');
    await rollbook.logDoor?.open();
    expect(answer.status).toBe(200);
    const { log, followers } = answer.body;
    expect(log).toStrictEqual({ available: false, end: null });
    expect(followers.length).toBeGreaterThan(0);
    for (const follower of followers) expect(follower.events_behind).toBeNull();
  });
});
