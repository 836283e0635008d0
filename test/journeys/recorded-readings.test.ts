import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
}, 120_000);
afterAll(() => rollbook.stop());

const get = (path: string, token: string, id?: string): Promise<ClientAnswer> =>
  call(rollbook.url, 'GET', path, { token, ...(id !== undefined && { headers: { 'x-request-id': id } }) });

/** Whose histories were read, as the streams of their readers have it. */
const readingsIn = async (stream: string): Promise<readonly unknown[]> =>
  (await eventsIn(rollbook, 'HistoryRead'))
    .filter((event) => event.stream === stream)
    .map(({ data, metadata }) => [data['subject'], metadata.requestId]);

const member = async (name: string): Promise<{ readonly id: string; readonly token: string }> => {
  const { body } = await journey.member(name);
  return { id: String(body.user.id), token: String(body.access_token) };
};

/** Somebody of a role, with their id. */
const reader = async (name: string, role: string): Promise<{ readonly id: string; readonly token: string }> => {
  const token = await journey.staff(name, role);
  return { token, id: String((await journey.me(token)).body.id) };
};

describe('Whoever reads what another was and did', () => {
  test('leaves one event for each person and hour in their own stream, whichever way and however often', async () => {
    const [ada, ben] = [await member('ada'), await member('ben')];
    const { id, token } = await reader('rita', 'manager');
    expect((await get(`/users/${ada.id}/history`, token, 'first')).status).toBe(200);
    const asOf = `?as_of=${new Date().toISOString()}`;
    const more = [`/users/${ada.id}/history?page_size=1`, `/users/${ada.id}${asOf}`, `/users/${ben.id}${asOf}`];
    const answers = await Promise.all([...more, ...more, ...more].map((path) => get(path, token, 'again')));
    expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 200));
    const found = await readingsIn(`signin-${id}`);
    // A test that runs over the end of an hour meets two of them.
    expect(new Set(found.map(String))).toEqual(new Set([`${ada.id},first`, `${ben.id},again`]));
    expect(found.length).toBeLessThanOrEqual(4);
  });

  test('leaves one of each person whom they single out in the audit trail, by whatever filter, and in exports', async () => {
    const [hal, ina, jon] = [await member('hal'), await member('ina'), await member('jon')];
    const { id, token } = await reader('ruth', 'auditor');
    const adminId = String((await journey.me(admin)).body.id);
    const promote = async (person: string, request: string): Promise<string> => {
      const headers = { 'x-request-id': request };
      const path = `/users/${person}/role`;
      const changed = await call(rollbook.url, 'PUT', path, { token: admin, body: { role: 'moderator' }, headers });
      return changed.headers.get('consistency-token') ?? '';
    };
    await promote(hal.id, 'promote-hal');
    const seen = { 'Consistency-Token': await promote(ina.id, 'promote-ina') };
    const trail = async (query: string, request: string): Promise<ClientAnswer> => {
      const headers = { ...seen, 'x-request-id': request };
      const answer = await call(rollbook.url, 'GET', `/audit/events${query}`, { token, headers });
      expect([query, answer.status]).toStrictEqual([query, 200]);
      return answer;
    };
    await trail('?type=RoleChanged', 'nobody');
    expect(await readingsIn(`signin-${id}`)).toStrictEqual([]);
    const found = await trail('?request_id=promote-hal', 'by-request');
    expect(await readingsIn(`signin-${id}`)).toStrictEqual([
      [hal.id, 'by-request'],
      [adminId, 'by-request'],
    ]);
    await trail(`/${String(found.body.data[0].id)}`, 'known already');
    const exported = async (query: string, request: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'x-request-id': request };
      const answer = await fetch(`${rollbook.url}/v1/audit/export?${query}`, { headers });
      await answer.text();
      return answer.status;
    };
    expect(await exported(`actor=${jon.id}`, 'by-actor')).toBe(200);
    expect(await exported('request_id=promote-ina', 'export-by-request')).toBe(200);
    expect((await readingsIn(`signin-${id}`)).slice(2)).toStrictEqual([
      [jon.id, 'by-actor'],
      [ina.id, 'export-by-request'],
    ]);
  });

  test('leaves none for their own, for who they may not read, and for nobody', async () => {
    const { id, token } = await member('carl');
    const other = await member('dora');
    expect((await get(`/users/${id}/history`, token)).status).toBe(200);
    expect((await get(`/users/me?as_of=${new Date().toISOString()}`, token)).status).toBe(200);
    expect(refusal(await get(`/users/${other.id}/history`, token))).toStrictEqual([404, 'NOT_FOUND']);
    expect(await readingsIn(`signin-${id}`)).toStrictEqual([]);
  });

  test('by an API key leaves it in the stream of the key, which can be revoked as before', async () => {
    const { id } = await member('eve');
    const made = await journey.post('/api-keys', { name: 'audit', scopes: ['audit:read'] }, { token: admin });
    const [key, keyId] = [String(made.body.key), String(made.body.id)];
    expect((await get(`/users/${id}/history`, key, 'by-key')).status).toBe(200);
    expect(await readingsIn(`apikey-${keyId}`)).toStrictEqual([[id, 'by-key']]);
    const revoked = await call(rollbook.url, 'DELETE', `/api-keys/${keyId}`, {
      token: admin,
      headers: { 'If-Match': made.headers.get('etag') ?? '"0"' },
    });
    expect(revoked.status).toBe(204);
    await until('the key opens nothing', async () => (await get(`/users/${id}/history`, key)).status === 401);
    expect((await rollbook.store.read(`apikey-${keyId}`)).map(({ type }) => type)).toStrictEqual([
      ...['ApiKeyCreated', 'HistoryRead', 'ApiKeyRevoked'],
    ]);
  });

  test('stands in their own history, and not in that of whom they read', async () => {
    const { id } = await member('fay');
    const { id: readerId, token } = await reader('rolf', 'auditor');
    const history = await get(`/users/${id}/history`, token);
    expect(JSON.stringify(history.body)).not.toMatch(/HistoryRead/);
    const own = await get(`/users/${readerId}/history`, token);
    expect(own.body.data[0]).toMatchObject({ type: 'HistoryRead', details: { subject: id }, changes: [] });
  });

  test('is shown nothing while the log is away', async () => {
    const { id } = await member('gil');
    const { token } = await reader('rena', 'manager');
    await rollbook.logDoor?.shut();
    try {
      expect(refusal(await get(`/users/${id}/history`, token))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
    } finally {
      await rollbook.logDoor?.open();
    }
    await until('it is read again', async () => (await get(`/users/${id}/history`, token)).status === 200);
  });
});
