import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDocument } from '../support/api-document.ts';
import { linkToken } from '../support/client.ts';
import { meOnceEnded } from '../support/journey.ts';
import { ADMIN, startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after, typedClient } from '../support/typed-client.ts';

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
    const nobody = typedClient(url);
    const registered = await nobody.POST('/v1/users', { body: ada });
    expect(registered.status).toBe(201);
    if (!('id' in registered.body)) throw new Error('Registration is private');
    expect(registered.body).toMatchObject({ username: 'ada_l', status: 'pending', is_active: false, name: 'Ada' });
    expect(registered.headers.get('location')).toBe(`/v1/users/${registered.body.id}`);
    expect(registered.headers.get('etag')).toBe('"1"');
    expect(JSON.stringify(registered.body)).not.toContain(ada.password);

    const early = await nobody.POST('/v1/auth/login', { body: { email: ada.email, password: ada.password } });
    expect([early.status, early.error?.code]).toEqual([403, 'EMAIL_NOT_VERIFIED']);

    await smtp.until(1);
    const mail = smtp.received[0];
    expect(mail?.recipients).toEqual(['ada@example.com']);
    const token = linkToken(mail?.mail.text, 'verify-email');
    const verified = await nobody.POST('/v1/auth/verify-email', { body: { token } });
    expect(verified.status).toBe(200);
    expect(verified.body).toMatchObject({ status: 'active', is_active: true, email_verified: true });
    const twice = await nobody.POST('/v1/auth/verify-email', { body: { token } });
    expect([twice.status, twice.error?.details[0]?.code]).toEqual([400, 'token_used']);

    const signedIn = await nobody.POST('/v1/auth/login', { body: { username: 'ada_l', password: ada.password } });
    expect(signedIn.status).toBe(200);
    const herself = typedClient(url, signedIn.body.access_token);
    const me = await herself.GET('/v1/users/me', { params: { header: after(signedIn) } });
    expect(me.status).toBe(200);
    expect(me.body).toEqual(signedIn.body.user);

    const refresh_token = signedIn.body.refresh_token ?? '';
    const refreshed = await nobody.POST('/v1/auth/refresh', { body: { refresh_token } });
    expect(refreshed.status).toBe(200);

    const admin = await nobody.POST('/v1/auth/login', { body: ADMIN });
    expect(admin.status).toBe(200);
    const list = await typedClient(url, admin.body.access_token).GET('/v1/users', {
      params: { query: { sort_by: 'username', order: 'asc' }, header: after(verified) },
    });
    expect(list.status).toBe(200);
    expect(list.body.data.map(({ username }) => username)).toEqual(['ada_l', 'admin']);

    const left = await typedClient(url, refreshed.body.access_token).POST('/v1/auth/logout');
    expect(left.status).toBe(204);
    const gone = await meOnceEnded(url, refreshed.body.access_token);
    expect([gone.status, gone.error?.details[0]?.code]).toEqual([401, 'session_ended']);
  });

  test('the reference page needs no other host, shows every operation, and tries one with a token', async () => {
    const { body } = await typedClient(rollbook.url).POST('/v1/auth/login', { body: ADMIN });
    const script = join(import.meta.dirname, '../support/docs-browser.mjs');
    const args = [script, rollbook.url, body.access_token];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
    const seen = JSON.parse(stdout) as Record<string, string> & { readonly shown: readonly string[] };
    const documented = ApiDocument.committed().operations.map((operation) => String(operation['operationId']));
    expect(seen.shown.toSorted()).toStrictEqual(documented.toSorted());
    expect([seen['refused'], seen['faults']]).toStrictEqual([[], []]);
    expect(seen['status']).toMatch(/^200/);
    expect(seen['answer']).toContain(`"email": "${ADMIN.email}"`);
    // Swagger UI sets styles on elements and draws signs from data:, and gets nothing more.
    expect(seen['policy']?.split('; ')).toStrictEqual([
      ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"],
      ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
    ]);
  });
});
