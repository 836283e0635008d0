import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, type ClientAnswer } from '../support/client.ts';
import { eventsIn, journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

const FORBIDDEN = [403, 'FORBIDDEN'];
const NOT_FOUND = [404, 'NOT_FOUND'];

/** What the log holds of the requests that this person was refused. */
const attemptsOf = async (id: string): Promise<readonly object[]> =>
  (await eventsIn(rollbook, 'AdministrationRefused'))
    .filter(({ stream }) => stream === `signin-${id}`)
    .map(({ data, metadata }) => ({ ...data, request_id: metadata.requestId }));

const giveRole = (id: string, role: string, token: string, headers: Record<string, string> = {}) =>
  call(rollbook.url, 'PUT', `/users/${id}/role`, { token, body: { role }, headers });

describe('An attempt to do what one’s role does not allow', () => {
  test('stands in the log under the request’s id, whoever was meant and whether or not they are there', async () => {
    const { body } = await journey.member('eager');
    const { id } = body.user;
    const token = String(body.access_token);
    const { user: other } = (await journey.member('other')).body;
    const missing = randomUUID();
    const send = (method: string, path: string, requestId: string, more?: object): Promise<ClientAnswer> =>
      call(rollbook.url, method, path, { token, headers: { 'X-Request-Id': requestId }, body: more });
    expect(refusal(await send('DELETE', `/users/${other.id}?soft_delete=false`, 'erase-other'))).toStrictEqual(
      NOT_FOUND,
    );
    expect(refusal(await send('PATCH', `/users/${missing}`, 'change-nobody', { phone: null }))).toStrictEqual(
      NOT_FOUND,
    );
    expect(refusal(await send('PATCH', `/users/${id}`, 'own-role', { role: 'admin' }))).toStrictEqual([
      ...FORBIDDEN,
      ...['role', 'forbidden'],
    ]);
    const create = { email: 'new@example.com', role: 'admin' };
    expect(refusal(await send('POST', '/users', 'create', create))).toStrictEqual(FORBIDDEN);
    const event = { parts: [], role: null, reason: 'hidden' };
    expect(await attemptsOf(id)).toStrictEqual([
      { ...event, operation: 'deleteUser', parts: ['soft_delete=false'], target: other.id, request_id: 'erase-other' },
      { ...event, operation: 'updateUser', target: missing, request_id: 'change-nobody' },
      {
        ...event,
        operation: 'updateUser',
        parts: ['role'],
        target: id,
        role: 'admin',
        reason: 'forbidden',
        request_id: 'own-role',
      },
      { ...event, operation: 'registerUser', target: null, role: 'admin', reason: 'forbidden', request_id: 'create' },
    ]);
  });

  test('is recorded once when it is sent again with its key', async () => {
    const token = await journey.staff('retrying', 'manager');
    const { id } = (await journey.me(token)).body;
    const { user } = (await journey.member('retried')).body;
    const key = { 'Idempotency-Key': 'give-a-role' };
    for (let count = 0; count < 3; count += 1)
      expect((await giveRole(user.id, 'moderator', token, key)).status).toBe(403);
    await Promise.all([1, 2, 3].map(() => giveRole(user.id, 'auditor', token, { 'Idempotency-Key': 'another' })));
    expect(await attemptsOf(id)).toHaveLength(2);
  });

  test('is no sign-in: the last one, and the ETag that counts them, stay as they were', async () => {
    const signedIn = await journey.member('counted');
    const token = String(signedIn.body.access_token);
    const headers = { 'Consistency-Token': signedIn.headers.get('consistency-token') ?? '' };
    const before = await call(rollbook.url, 'GET', '/users/me', { token, headers });
    expect(before.headers.get('etag')).toMatch(/\.1"$/);
    expect((await giveRole(before.body.id, 'admin', token)).status).toBe(403);
    // A change after it, so that the read model has seen the attempt when it has seen this.
    const path = `/users/${String(before.body.id)}`;
    const changed = await call(rollbook.url, 'PATCH', path, { token, body: { phone: '+1-555-0100' } });
    expect(changed.body.last_login).toBe(before.body.last_login);
    const after = await call(rollbook.url, 'GET', '/users/me', {
      token,
      headers: { 'Consistency-Token': changed.headers.get('consistency-token') ?? '' },
    });
    expect(after.body.last_login).toBe(before.body.last_login);
    expect(after.headers.get('etag')).toMatch(/\.1"$/);
    expect(await attemptsOf(before.body.id)).toHaveLength(1);
  });

  test('of the last administrator to leave is recorded too', async () => {
    const token = await journey.admin();
    const { id } = (await journey.me(token)).body;
    const answer = await call(rollbook.url, 'DELETE', `/users/${String(id)}`, { token });
    expect(refusal(answer)).toStrictEqual([409, 'LAST_ADMIN']);
    expect(await attemptsOf(id)).toStrictEqual([
      expect.objectContaining({ operation: 'deleteUser', target: id, reason: 'last_admin' }),
    ]);
  });
});

test('What an allowed request finds missing, wrong or out of date is no attempt', async () => {
  const token = await journey.staff('careful', 'manager');
  const { id } = (await journey.me(token)).body;
  const { user } = (await journey.member('cared')).body;
  const patch = (path: string, body: object, headers: Record<string, string> = {}) =>
    call(rollbook.url, 'PATCH', path, { token, body, headers });
  expect((await patch(`/users/${randomUUID()}`, { phone: null })).status).toBe(404);
  expect((await patch(`/users/${String(user.id)}`, { phone: 'x' })).status).toBe(400);
  expect(
    (await patch(`/users/${String(user.id)}`, { phone: null, first_name: 'A' }, { 'If-Match': '"99"' })).status,
  ).toBe(412);
  expect((await call(rollbook.url, 'GET', '/erasures', { token })).status).toBe(403);
  expect(await attemptsOf(id)).toStrictEqual([]);
});
