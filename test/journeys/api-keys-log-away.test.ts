import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn, query, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true });
  admin = await journeyOn(rollbook).admin();
});
afterAll(async () => {
  await rollbook.logDoor?.open();
  await rollbook.stop();
});

const made = async (): Promise<{ id: string; key: string }> => {
  const body = { name: 'billing', scopes: ['users:read'] };
  return (await call(rollbook.url, 'POST', '/api-keys', { token: admin, body })).body as { id: string; key: string };
};
const read = (token: string, path = '/users'): Promise<ClientAnswer> => call(rollbook.url, 'GET', path, { token });
const command = (token: string): Promise<ClientAnswer> => call(rollbook.url, 'POST', '/auth/logout-all', { token });

test('While the log is away, a key goes on reading where it was let in before, and no other key is', async () => {
  const [known, unknown, revoked] = [await made(), await made(), await made()];
  expect([(await read(known.key)).status, (await read(revoked.key)).status]).toStrictEqual([200, 200]);
  const { headers } = await call(rollbook.url, 'DELETE', `/api-keys/${revoked.id}`, { token: admin });
  const consistency = { 'consistency-token': headers.get('consistency-token') ?? '' };
  expect((await call(rollbook.url, 'GET', '/api-keys', { token: admin, headers: consistency })).status).toBe(200);
  await rollbook.logDoor?.shut();
  // For longer than what was heard last counts.
  for (const shut = Date.now(); Date.now() - shut < 1_200;) expect((await read(known.key)).status).toBe(200);
  expect(refusal(await read(known.key, '/users/me'))).toStrictEqual([403, 'FORBIDDEN']);
  expect(refusal(await read(unknown.key))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
  expect([401, 503]).toContain((await read(revoked.key)).status);
  expect(refusal(await command(known.key))).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
  // What only the read model has heard of counts.
  await query(rollbook, 'update read_model.api_keys set revoked_at = now() where id = $1', [known.id]);
  expect(refusal(await read(known.key))).toStrictEqual([401, 'UNAUTHORIZED', 'Authorization', 'token_invalid']);
  await rollbook.logDoor?.open();
  await until('commands are refused for what they are again', async () => (await command(known.key)).status === 403);
  await until('keys are looked up again', async () => (await read(unknown.key)).status === 200);
});
