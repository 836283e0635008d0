import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken } from '../support/client.ts';
import { meOnceEnded } from '../support/journey.ts';
import { ADMIN, startRollbook, type TestRollbook } from '../support/rollbook.ts';

const ada = { email: 'ada@example.com', username: 'ada_l', password: 'Correct-Horse-7', first_name: 'Ada' };

describe('A newcomer registers, verifies, signs in, and an administrator sees them', () => {
  let rollbook: TestRollbook;
  beforeAll(async () => {
    rollbook = await startRollbook();
  });
  afterAll(async () => {
    await rollbook.stop();
  });

  test('the whole way', async () => {
    const { url, smtp } = rollbook;
    const registered = await call(url, 'POST', '/users', { body: ada });
    expect(registered.status).toBe(201);
    expect(registered.body).toMatchObject({ username: 'ada_l', status: 'pending', is_active: false, name: 'Ada' });
    expect(registered.headers.get('location')).toBe(`/v1/users/${registered.body.id}`);
    expect(registered.headers.get('etag')).toBe('"1"');
    expect(JSON.stringify(registered.body)).not.toContain(ada.password);

    const early = await call(url, 'POST', '/auth/login', { body: { email: ada.email, password: ada.password } });
    expect([early.status, early.body.error.code]).toEqual([403, 'EMAIL_NOT_VERIFIED']);

    await smtp.until(1);
    const mail = smtp.received[0];
    expect(mail?.recipients).toEqual(['ada@example.com']);
    const token = linkToken(mail?.mail.text, 'verify-email');
    const verified = await call(url, 'POST', '/auth/verify-email', { body: { token } });
    expect(verified.status).toBe(200);
    expect(verified.body).toMatchObject({ status: 'active', is_active: true, email_verified: true });
    const twice = await call(url, 'POST', '/auth/verify-email', { body: { token } });
    expect([twice.status, twice.body.error.details[0].code]).toEqual([400, 'token_used']);

    const signedIn = await call(url, 'POST', '/auth/login', { body: { username: 'ada_l', password: ada.password } });
    expect(signedIn.status).toBe(200);
    const consistency = { 'consistency-token': signedIn.headers.get('consistency-token') ?? '' };
    const me = await call(url, 'GET', '/users/me', { token: signedIn.body.access_token, headers: consistency });
    expect(me.status).toBe(200);
    expect(me.body).toEqual(signedIn.body.user);

    const refreshed = await call(url, 'POST', '/auth/refresh', {
      body: { refresh_token: signedIn.body.refresh_token },
    });
    expect(refreshed.status).toBe(200);

    const admin = await call(url, 'POST', '/auth/login', { body: ADMIN });
    expect(admin.status).toBe(200);
    const list = await call(url, 'GET', '/users?sort_by=username&order=asc', {
      token: admin.body.access_token,
      headers: { 'consistency-token': verified.headers.get('consistency-token') ?? '' },
    });
    expect(list.status).toBe(200);
    expect(list.body.data.map((user: { username: string }) => user.username)).toEqual(['ada_l', 'admin']);

    const left = await call(url, 'POST', '/auth/logout', { token: refreshed.body.access_token });
    expect(left.status).toBe(204);
    const gone = await meOnceEnded(url, refreshed.body.access_token);
    expect([gone.status, gone.body.error.details[0].code]).toEqual([401, 'session_ended']);
  });
});
