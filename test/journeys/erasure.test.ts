import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { verifyReceipt } from '@rollbook/shared/person/erasure-receipt';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD, query, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook({ PORTALS: 'shop=https://shop.example.org' });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

const USED = [400, 'VALIDATION_ERROR', 'token', 'token_used'];
const INVALID = [400, 'VALIDATION_ERROR', 'token', 'token_invalid'];
const FORBIDDEN = [403, 'FORBIDDEN'];
const NOT_FOUND = [404, 'NOT_FOUND'];

const erase = (id: string, token = admin, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token, headers });
const ask = (session: ClientAnswer, more: object = {}): Promise<ClientAnswer> =>
  journey.post(
    `/users/${session.body.user.id}/erasure`,
    { current_password: PASSWORD, ...more },
    { token: session.body.access_token },
  );
const cancel = (id: string, token: string): Promise<ClientAnswer> =>
  call(rollbook.url, 'DELETE', `/users/${id}/erasure`, { token });
const confirm = (token: string): Promise<ClientAnswer> => journey.post('/auth/confirm-erasure', { token });
const linkTo = async (name: string, mail = 2): Promise<string> =>
  linkToken(await journey.mailTo(`${name}@example.com`, mail), 'confirm-erasure');
const get = (path: string, after: ClientAnswer | null, token = admin): Promise<ClientAnswer> => {
  const consistency = after?.headers.get('consistency-token');
  return call(rollbook.url, 'GET', path, {
    token,
    headers: consistency == null ? {} : { 'consistency-token': consistency },
  });
};

describe('Erasing a person', () => {
  test('leaves a signed receipt, frees the names, and destroys the key before the answer', async () => {
    const { body } = await journey.member('ida');
    const { id } = body.user;
    const [key] = await query<{ key_id: string }>(rollbook, 'select key_id from keys.person_keys where subject = $1', [
      id,
    ]);
    const answer = await erase(id);
    const keys = await query<{ key_id: string; wrapped: Buffer | null }>(
      rollbook,
      'select key_id, wrapped from keys.person_keys where subject = $1',
      [id],
    );
    expect(keys).toStrictEqual([{ key_id: key?.key_id, wrapped: null }]);
    expect([answer.status, answer.body, answer.headers.get('location')]).toStrictEqual([
      204,
      null,
      `/v1/erasures/${id}`,
    ]);
    expect((await typesIn(rollbook, `user-${id}`)).slice(-2)).toStrictEqual(['PersonErased', 'ErasureReceipted']);

    const shown = await get(`/erasures/${id}`, answer);
    expect([shown.status, shown.body.status]).toStrictEqual([200, 'erased']);
    const { signature, ...receipt } = shown.body.receipt;
    expect(receipt).toMatchObject({ id, key_id: key?.key_id, erased_at: shown.body.erased_at });
    const published = await fetch(`${rollbook.url}/.well-known/receipt-keys.json`);
    const { keys: jwks } = (await published.json()) as { keys: (JsonWebKey & { kid: string })[] };
    const jwk = jwks.find(({ kid }) => kid === receipt.signed_by);
    const publicKey = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
    expect(verifyReceipt(receipt, signature, publicKey)).toBe(true);
    expect(verifyReceipt({ ...receipt, id: admin }, signature, publicKey)).toBe(false);
    const days = (Date.parse(receipt.backups_until) - Date.parse(receipt.erased_at)) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(30);
    expect(days).toBeLessThan(30.1);

    expect((await journey.meEnded(body.access_token)).status).toBe(401);
    expect((await journey.signIn('ida')).status).toBe(401);
    expect((await get(`/users/${id}`, answer)).body).toMatchObject({ status: 'erased', email: null, username: null });
    expect((await journey.register('ida')).status).toBe(201);
    expect(refusal(await erase(id))).toStrictEqual(NOT_FOUND);
  });

  test('is for administrators; who may not see the person learns nothing', async () => {
    const [mary, nick] = [await journey.member('mary'), await journey.member('nick')];
    const manager = await journey.staff('max', 'manager');
    expect(refusal(await erase(mary.body.user.id, manager))).toStrictEqual(FORBIDDEN);
    expect(refusal(await erase(mary.body.user.id, mary.body.access_token))).toStrictEqual(FORBIDDEN);
    expect(refusal(await erase(mary.body.user.id, nick.body.access_token))).toStrictEqual(NOT_FOUND);
    for (const path of ['/erasures', `/erasures/${mary.body.user.id}`])
      expect(refusal(await get(path, null, manager))).toStrictEqual(FORBIDDEN);
    expect((await get('/erasures', null, await journey.staff('ava', 'auditor'))).status).toBe(200);
    expect((await journey.me(mary.body.access_token)).status).toBe(200);
  });

  test('obeys If-Match, and a repeat with the same key gives the same answer', async () => {
    const { body } = await journey.member('olga');
    const failed = await erase(body.user.id, admin, { 'if-match': '"0"' });
    expect([failed.status, failed.headers.get('etag')]).toStrictEqual([412, '"2"']);
    const headers = { 'if-match': '"2"', 'idempotency-key': 'erase-olga' };
    const answers = [await erase(body.user.id, admin, headers), await erase(body.user.id, admin, headers)];
    expect(answers.map(({ status }) => status)).toStrictEqual([204, 204]);
    expect(answers[1]?.headers.get('location')).toBe(answers[0]?.headers.get('location'));
  });
});

describe('Asking for the own erasure', () => {
  test('needs the password, is confirmed by a mail, and an administrator decides', async () => {
    const session = await journey.member('wilma');
    const { id } = session.body.user;
    expect(refusal(await ask(session, { current_password: 'Wrong-Horse-7' }))).toStrictEqual([
      400,
      'VALIDATION_ERROR',
      'current_password',
      'wrong',
    ]);
    const asked = await ask(session, { portal: 'shop' });
    expect([asked.status, asked.body.status]).toStrictEqual([202, 'accepted']);
    expect((await get(`/erasures/${id}`, asked)).body).toMatchObject({ status: 'requested', receipt: null });
    expect(await journey.mailTo('wilma@example.com', 2)).toContain('https://shop.example.org/confirm-erasure?token=');
    const token = await linkTo('wilma');
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    const confirmed = answers.filter(({ status }) => status === 202);
    expect(confirmed).toHaveLength(1);
    for (const other of answers.filter(({ status }) => status !== 202)) expect(refusal(other)).toStrictEqual(USED);
    const waiting = await get('/erasures?status=confirmed', confirmed[0] ?? null);
    expect(waiting.body.data.map((erasure: { id: string }) => erasure.id)).toContain(id);
    expect((await journey.me(session.body.access_token)).status).toBe(200);
    const done = await erase(id);
    const shown = await get(`/erasures/${id}`, done);
    expect(shown.body).toMatchObject({ status: 'erased', cancelled_at: null });
    expect(Date.parse(shown.body.requested_at)).toBeLessThan(Date.parse(shown.body.erased_at));
    expect((await get('/erasures?status=confirmed', done)).body.data).toStrictEqual([]);
  });

  test('is taken back by the person or an administrator, and its link is worth nothing then', async () => {
    const session = await journey.member('vera');
    const { id } = session.body.user;
    const other = await journey.member('ulf');
    const manager = await journey.staff('moe', 'manager');
    expect(refusal(await cancel(id, session.body.access_token))).toStrictEqual(NOT_FOUND);
    await ask(session);
    const token = await linkTo('vera');
    expect(refusal(await cancel(id, other.body.access_token))).toStrictEqual(NOT_FOUND);
    expect(refusal(await cancel(id, manager))).toStrictEqual(FORBIDDEN);
    const cancelled = await cancel(id, session.body.access_token);
    expect(cancelled.status).toBe(204);
    expect(refusal(await confirm(token))).toStrictEqual(INVALID);
    expect((await get(`/erasures/${id}`, cancelled)).body.status).toBe('cancelled');
    await ask(session);
    await confirm(await linkTo('vera', 3));
    expect((await cancel(id, admin)).status).toBe(204);
  });

  test('is for oneself alone', async () => {
    const [kim, lou] = [await journey.member('kim'), await journey.member('lou')];
    const body = { current_password: PASSWORD };
    const at = `/users/${kim.body.user.id}/erasure`;
    expect(refusal(await journey.post(at, body, { token: lou.body.access_token }))).toStrictEqual(NOT_FOUND);
    expect(refusal(await journey.post(at, body, { token: admin }))).toStrictEqual(FORBIDDEN);
  });
});

// Last, because it takes the administrator of the settings their role.
test('The last administrator is not erased; of two who erase each other one stays', async () => {
  const me = (await journey.me(admin)).body.id;
  expect(refusal(await erase(me))).toStrictEqual([409, 'LAST_ADMIN']);
  const [ann, bob] = [await journey.staff('ann', 'admin'), await journey.staff('bob', 'admin')];
  const ids = [(await journey.me(ann)).body.id, (await journey.me(bob)).body.id] as const;
  const demoted = await call(rollbook.url, 'PUT', `/users/${me}/role`, { token: ann, body: { role: 'user' } });
  expect(demoted.status).toBe(200);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? erase(ids[1], ann) : erase(ids[0], bob))),
  );
  // Who is erased loses the session; who is not finds the other one gone.
  expect(answers.every(({ status }) => [204, 401, 404, 409, 503].includes(status))).toBe(true);
  // One of the two is out, though queries may be told up to a second later.
  await Promise.race([journey.meEnded(ann), journey.meEnded(bob)]);
  const alive = [(await journey.me(ann)).status, (await journey.me(bob)).status].sort();
  expect(alive).toStrictEqual([200, 401]);
});
