import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../../command-api/src/main.ts';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import type { Running } from '@rollbook/shared/process/running';
import { call, type ClientAnswer } from '../support/client.ts';
import { refusal } from '../support/journey.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { testSecrets } from '../support/test-secrets.ts';

const ADMIN = { email: 'admin@example.org', password: 'First-Admin-7-rules' };
const DAY = 86_400_000;
let database: TestDatabase;
let service: Running;
let strict: Running;
/** Added to the machine's clock. */
let ahead = 0;
const clock = { ...systemClock, now: () => systemClock.now() + ahead };

beforeAll(async () => {
  database = await createDatabase();
  const env = {
    ...testSecrets(),
    NODE_ENV: 'test',
    PORT: '0',
    RATE_LIMIT_PER_HOUR: '0',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
    RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
    DATABASE_URL: database.url,
    EVENT_STORE_URL: database.url,
    PUBLIC_URL: 'http://127.0.0.1:8000',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
  };
  service = await start(env, { clock });
  strict = await start({ ...env, REFRESH_REUSE_GRACE: '0' }, { clock });
});
afterAll(async () => {
  await Promise.all([service.stop(), strict.stop()]);
  await database.drop();
});

const post = (path: string, body: unknown, at = service, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
  call(at.addresses['http'] ?? '', 'POST', path, { body, headers });
const signIn = async () => (await post('/auth/login', ADMIN)).body;
const refresh = (token: string, at = service, headers: Record<string, string> = {}) =>
  post('/auth/refresh', { refresh_token: token }, at, headers);
const ENDED = [401, 'UNAUTHORIZED', 'refresh_token', 'session_ended'];
const createdBy = (token: string): Promise<ClientAnswer> =>
  call(service.addresses['http'] ?? '', 'POST', '/users', { token, body: { email: 'nope' } });

describe('Time in a session', () => {
  test('a refresh token used again after the grace ends the session, also with the first use’s key', async () => {
    for (const headers of [{}, { 'idempotency-key': 'k' }] as Record<string, string>[]) {
      const tokens = await signIn();
      const first = await refresh(tokens.refresh_token, service, headers);
      ahead += 10_000;
      expect(refusal(await refresh(tokens.refresh_token, service, headers))).toStrictEqual(ENDED);
      expect(refusal(await refresh(first.body.refresh_token))).toStrictEqual(ENDED);
    }
  });

  test('where no grace is set, the second use ends the session at once', async () => {
    const tokens = await signIn();
    const first = await refresh(tokens.refresh_token, strict);
    expect(first.status).toBe(200);
    expect(refusal(await refresh(tokens.refresh_token, strict))).toStrictEqual(ENDED);
    expect(refusal(await refresh(first.body.refresh_token, strict))).toStrictEqual(ENDED);
  });

  test('where no grace is set, twenty at once still have at most one winner, and the session ends', async () => {
    const tokens = await signIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(tokens.refresh_token, strict)));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners.length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expect(refusal(answer)).toStrictEqual(ENDED);
  });

  test('an access token expires after 15 minutes, and that is told from an ended session', async () => {
    const tokens = await signIn();
    ahead += 16 * 60_000;
    expect(refusal(await createdBy(tokens.access_token))).toStrictEqual([
      401,
      'UNAUTHORIZED',
      'Authorization',
      'token_expired',
    ]);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  test('an expired access token still signs out', async () => {
    const tokens = await signIn();
    ahead += 16 * 60_000;
    const url = service.addresses['http'] ?? '';
    expect((await call(url, 'POST', '/auth/logout', { token: tokens.access_token })).status).toBe(204);
    expect(refusal(await refresh(tokens.refresh_token))).toStrictEqual(ENDED);
  });

  test('a refresh token dies after 14 days without use', async () => {
    const tokens = await signIn();
    ahead += 14 * DAY - 60_000;
    const next = await refresh(tokens.refresh_token);
    expect(next.body.refresh_expires_in).toBe(14 * 86_400);
    ahead += 14 * DAY + 60_000;
    expect(refusal(await refresh(next.body.refresh_token))).toStrictEqual(ENDED);
  });

  test('no token outlives 30 days after the sign-in', async () => {
    let tokens = await signIn();
    for (let time = 0; time < 3; time += 1) {
      ahead += 9 * DAY;
      tokens = (await refresh(tokens.refresh_token)).body;
    }
    expect(tokens.refresh_expires_in).toBeLessThanOrEqual(3 * 86_400);
    ahead += 3 * DAY - 60_000;
    tokens = (await refresh(tokens.refresh_token)).body;
    expect(tokens.refresh_expires_in).toBeLessThanOrEqual(61);
    expect(tokens.expires_in).toBeLessThanOrEqual(61);
    ahead += 120_000;
    expect(refusal(await refresh(tokens.refresh_token))).toStrictEqual(ENDED);
  });
});
