import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after, type AuditFilter, type Schemas } from '../support/typed-client.ts';

type Entry = Schemas['AuditPage']['data'][number];
type Fresh = ReturnType<typeof after> | object;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
let auditor: string;
beforeAll(async () => {
  // However long it takes, no checkpoint comes in between.
  const sealing = { every: 1e9, most: 1e9 };
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true, sealing });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
  auditor = await journey.staff('audrey', 'auditor');
}, 120_000);
afterAll(() => rollbook.stop());

const send = (
  method: string,
  path: string,
  token: string,
  { body, headers }: { readonly body?: object; readonly headers?: Record<string, string> } = {},
): Promise<ClientAnswer> =>
  call(rollbook.url, method, path, {
    token,
    ...(body && { body }),
    headers: { 'user-agent': 'Journey/1', ...headers },
  });

const page = (query: AuditFilter, header: Fresh = {}, token = auditor) =>
  journey.as(token).GET('/v1/audit/events', { params: { query, header } });
const list = async (query: AuditFilter, header: Fresh = {}, token = auditor): Promise<readonly Entry[]> => {
  const { status, error, body } = await page(query, header, token);
  expect([query, status, error]).toStrictEqual([query, 200, undefined]);
  return body.data;
};
const show = (id = '') => journey.as(auditor).GET('/v1/audit/events/{id}', { params: { path: { id } } });
const erase = (id: string, headers = {}) =>
  journey.as(admin).DELETE('/v1/users/{id}', { params: { path: { id }, query: { soft_delete: 'false' } }, headers });

/** Somebody whom the administrator made a moderator, and who renamed themselves. */
const life = async (name: string) => {
  const { body } = await journey.member(name);
  const id = String(body.user.id);
  const changed = await send('PATCH', `/users/${id}`, String(body.access_token), {
    body: { first_name: 'Second', phone: '+1-555-0123' },
    headers: { 'x-request-id': `renamed-${name}` },
  });
  expect(changed.status).toBe(200);
  const promoted = await send('PUT', `/users/${id}/role`, admin, {
    body: { role: 'moderator' },
    headers: { 'x-request-id': `promoted-${name}` },
  });
  expect(promoted.status).toBe(200);
  return { id, token: String(body.access_token), seen: after(promoted) };
};

describe('The audit trail', () => {
  test('says who did what to whom, when, from where and why, and what it changed', async () => {
    const { id, seen } = await life('helen');
    const [promoted] = await list({ request_id: 'promoted-helen' }, seen);
    expect(promoted).toMatchObject({
      ...{ type: 'RoleChanged', what: 'The role was changed.', is_readable: true },
      actor: { kind: 'person', role: 'admin', name: expect.any(String) },
      subject: { id, name: 'Second' },
      ...{ address: '127.0.0.1', user_agent: 'Journey/1', request_id: 'promoted-helen' },
      ...{ stream: `user-${id}`, leaf: expect.any(Number), position: expect.any(String) },
      changes: [{ field: 'role', before: 'user', after: 'moderator' }],
    });
    const [renamed] = await list({ request_id: 'renamed-helen' }, seen);
    expect(renamed).toMatchObject({
      actor: { kind: 'person', id, role: 'user', name: 'Second' },
      changes: expect.arrayContaining([{ field: 'first_name', before: null, after: 'Second' }]),
    });
    const signedIn = await list({ subject: id, type: 'SignedIn' }, seen);
    expect(signedIn[0]?.changes).toStrictEqual([
      { field: 'last_login', before: null, after: signedIn[0]?.recorded_at },
    ]);
  });

  test('answers every filter with exactly the events that the log has of it, and never a claim', async () => {
    const { id, seen } = await life('igor');
    const whole = await eventsIn(rollbook);
    const claims = whole.filter(({ stream }) => /claim-/.test(stream));
    expect(claims.length).toBeGreaterThan(2);
    const shown = (await list({ page_size: '100' }, seen)).map((entry) => entry.id);
    const expected = whole.filter(({ stream }) => !/claim-/.test(stream)).map((event) => event.id);
    expect(shown.toSorted()).toStrictEqual(expected.toSorted());
    const adminId = String((await journey.me(admin)).body.id);
    const ids = async (query: AuditFilter) =>
      (await list({ ...query, page_size: '100' }, seen)).map((entry) => entry.id).toSorted();
    const of = (matches: (event: (typeof whole)[number]) => boolean) =>
      whole
        .filter((event) => !/claim-/.test(event.stream) && matches(event))
        .map((event) => event.id)
        .toSorted();
    expect(await ids({ actor: adminId, type: 'RoleChanged' })).toStrictEqual(
      of(({ type, metadata }) => type === 'RoleChanged' && metadata.actor.id === adminId),
    );
    expect(await ids({ actor: 'anonymous' })).toStrictEqual(of(({ metadata }) => metadata.actor.kind === 'anonymous'));
    expect(await ids({ actor: 'system' })).toStrictEqual(of(({ metadata }) => metadata.actor.kind === 'system'));
    const middle = whole[Math.floor(whole.length / 2)]?.recordedAt ?? '';
    expect(await ids({ after: middle })).toEqual(expect.arrayContaining([...of((event) => event.recordedAt > middle)]));
    expect(await ids({ before: middle })).toStrictEqual(of((event) => event.recordedAt < middle));
    const ofHim = (await list({ subject: id, page_size: '100' }, seen)).map(({ type }) => type);
    expect(ofHim).toEqual(expect.arrayContaining(['UserRegistered', 'SessionStarted', 'SignedIn', 'RoleChanged']));
    expect(await list({ subject: randomUUID() })).toStrictEqual([]);
  });

  test('is walked to its end, each event once, also while more happens', async () => {
    const { id, token, seen } = await life('iris');
    // The index may or may not hold yet that the auditor reads this, which is about the same person.
    const isChange = ({ type }: Entry): boolean => type !== 'HistoryRead';
    const whole = (await list({ subject: id, page_size: '100' }, seen)).filter(isChange);
    const walked: Entry[] = [];
    for (let query: AuditFilter | null = { subject: id, page_size: '3' }; query !== null;) {
      const { status, body }: Awaited<ReturnType<typeof page>> = await page(query);
      expect(status).toBe(200);
      walked.push(...body.data);
      query = body.pagination.next_cursor === null ? null : { cursor: body.pagination.next_cursor };
      await send('PATCH', `/users/${id}`, token, { body: { phone: `+1-555-010${String(walked.length % 10)}` } });
    }
    expect(new Set(walked.map((entry) => entry.id)).size).toBe(walked.length);
    expect(walked.filter(isChange)).toStrictEqual(whole);
  });

  test('shows what followed from what', async () => {
    const { id } = await life('jack');
    const answer = await erase(id, { 'x-request-id': 'erase-jack' });
    expect(answer.status).toBe(204);
    await until('the receipt is there', async () =>
      (await list({ type: 'ErasureReceipted' })).some((e) => e.subject?.id === id),
    );
    const [erased] = await list({ request_id: 'erase-jack', type: 'PersonErased' }, after(answer));
    const cause = await show(erased?.id);
    expect(cause.body.causation).toMatchObject({
      caused_by: null,
      led_to: [{ type: 'ErasureReceipted', what: 'The receipt of an erasure was signed.' }],
      same_request: [{ type: 'ErasureReceipted' }],
    });
    const [receipt] = cause.body.causation.led_to;
    const effect = await show(receipt?.id);
    expect(effect.body).toMatchObject({ causation_id: erased?.id, causation: { caused_by: { id: erased?.id } } });
  });

  test('of whoever was erased says what happened and nothing of who they were', async () => {
    const { id } = await life('kate');
    const token = String((await journey.signIn('kate')).body.access_token);
    const refused = await send('PUT', `/users/${randomUUID()}/role`, token, { body: { role: 'admin' } });
    expect(refused.status).toBe(404);
    const answer = await erase(id);
    const entries = await list({ subject: id, page_size: '100' }, after(answer));
    expect(JSON.stringify(entries)).not.toMatch(/Second|\+1-555|kate@|example\.com/i);
    expect(entries.find(({ type }) => type === 'ProfileChanged')).toMatchObject({
      actor: { id, name: '[erased]' },
      ...{ subject: { id, name: '[erased]' }, address: '[erased]', user_agent: '[erased]' },
      changes: expect.arrayContaining([{ field: 'phone', before: '[erased]', after: '[erased]' }]),
    });
    expect(entries.find(({ type }) => type === 'PersonErased')).toMatchObject({
      actor: { role: 'admin' },
      address: '127.0.0.1',
    });
    expect(await list({ actor: id, type: 'AdministrationRefused' })).toMatchObject([
      { actor: { name: '[erased]' }, address: '[erased]' },
    ]);
  });

  test('is read by an API key for it, which is told what an auditor is told', async () => {
    const { id, seen } = await life('lena');
    const keyFor = async (scope: Schemas['ApiKey']['scopes'][number]): Promise<string> =>
      String((await journey.as(admin).POST('/v1/api-keys', { body: { name: 'siem', scopes: [scope] } })).body.key);
    const key = await keyFor('audit:read');
    expect(await list({ request_id: 'renamed-lena' }, seen, key)).toStrictEqual(
      await list({ request_id: 'renamed-lena' }, seen),
    );
    await list({ subject: id }, seen, key);
    const readings = await eventsIn(rollbook, 'HistoryRead');
    expect(readings.filter(({ data, stream }) => data['subject'] === id && stream.startsWith('apikey-'))).toHaveLength(
      1,
    );
    // What somebody did is their history, too.
    const { id: other, seen: then } = await life('nora');
    await list({ actor: other }, then, key);
    const named = (await eventsIn(rollbook, 'HistoryRead')).filter(({ data }) => data['subject'] === other);
    expect(named.map(({ stream }) => stream.split('-')[0])).toStrictEqual(['apikey']);
    for (const path of ['/audit/events', '/audit/stats', `/audit/events/${randomUUID()}`])
      expect(refusal(await send('GET', path, await keyFor('users:read')))).toStrictEqual([403, 'FORBIDDEN']);
    const [made] = await list({ type: 'ApiKeyCreated', page_size: '1' });
    expect(made).toMatchObject({ details: { name: 'siem', scopes: 'users:read' } });
    expect(JSON.stringify(made)).not.toMatch(/digest/);
  });

  test('counts what happened, by hour and type', async () => {
    const { seen } = await life('mona');
    const stats = { query: { bucket: 'hour' }, header: seen } as const;
    const answer = await journey.as(auditor).GET('/v1/audit/stats', { params: stats });
    expect(answer.status).toBe(200);
    const whole = (await eventsIn(rollbook)).filter(({ stream }) => !/claim-/.test(stream));
    const hours = answer.body.data;
    const counted = (type: string) => hours.reduce((sum, { types }) => sum + (types[type] ?? 0), 0);
    for (const type of ['UserRegistered', 'RoleChanged', 'SignedIn'])
      expect([type, counted(type)]).toStrictEqual([type, whole.filter((event) => event.type === type).length]);
    expect(hours.every(({ total, types }) => total === Object.values(types).reduce((sum, n) => sum + n, 0))).toBe(true);
    expect(hours[0]?.from).toMatch(/T\d\d:00:00\.000Z$/);
    expect(counted('EmailClaimed')).toBe(0);
  });

  test.each([
    ['?actor=somebody', 'actor'],
    ['?subject=x', 'subject'],
    ['?type=Nonsense', 'type'],
    ['?type=EmailClaimed', 'type'],
    ['?request_id=a%20b', 'request_id'],
    ['?after=yesterday', 'after'],
    ['?before=0', 'before'],
    ['?after=2026-01-02T00:00:00Z&before=2026-01-01T00:00:00Z', 'before'],
    ['?page_size=101', 'page_size'],
    ['?cursor=x', 'cursor'],
    ['?page=2', 'page'],
  ])('refuses %s, naming what is wrong', async (query, field) => {
    const answer = await send('GET', `/audit/events${query}`, auditor);
    expect(refusal(answer).slice(0, 3)).toStrictEqual([400, 'VALIDATION_ERROR', field]);
  });

  test('refuses a span that is too long to count, another filter beside a cursor, and an id that is none', async () => {
    const stats = await send('GET', '/audit/stats?after=2020-01-01T00:00:00Z', auditor);
    expect(refusal(stats)).toStrictEqual([400, 'VALIDATION_ERROR', 'after', 'too_broad']);
    const { body } = await page({ page_size: '1', type: 'SignedIn' });
    const cursor = String(body.pagination.next_cursor);
    const other = await send('GET', `/audit/events?cursor=${cursor}&type=RoleChanged`, auditor);
    expect(refusal(other)).toStrictEqual([400, 'VALIDATION_ERROR', 'type', 'conflict']);
    const nobody = await send('GET', '/audit/events?actor=nobody', auditor);
    expect(refusal(nobody)).toStrictEqual([400, 'VALIDATION_ERROR', 'actor', 'malformed']);
    expect(refusal(await send('GET', '/audit/events/x', auditor)).slice(0, 2)).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(refusal(await show(randomUUID()))).toStrictEqual([404, 'NOT_FOUND']);
    const claim = (await eventsIn(rollbook, 'EmailClaimed'))[0];
    expect((await show(claim?.id)).status).toBe(404);
  });

  test('cannot be read while the log is away', async () => {
    await rollbook.logDoor?.shut();
    try {
      expect(refusal(await send('GET', '/audit/events', auditor))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
    } finally {
      await rollbook.logDoor?.open();
    }
    await until('it is read again', async () => (await send('GET', '/audit/events', auditor)).status === 200);
  });
});
