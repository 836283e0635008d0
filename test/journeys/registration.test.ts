import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { countEvents, journeyOn, PASSWORD, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ PORTALS: 'shop=https://shop.example.org' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

describe('Registering oneself', () => {
  test('answers 201 with the person, its place, its version and a token to read it back', async () => {
    const answer = await journey.register('anna', { first_name: 'Anna', last_name: 'K', phone: '+1-555-0123' });
    expect(answer.status).toBe(201);
    const now = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(answer.body).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'anna',
      email: 'anna@example.com',
      email_verified: false,
      pending_email: null,
      name: 'Anna K',
      first_name: 'Anna',
      last_name: 'K',
      phone: '+1-555-0123',
      role: 'user',
      status: 'pending',
      is_active: false,
      preferences: {},
      picture_url: null,
      created_at: now,
      updated_at: answer.body.created_at,
      last_login: null,
    });
    expect(answer.headers.get('location')).toBe(`/v1/users/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get('consistency-token')).toMatch(/.+\..+\..+/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await typesIn(rollbook, `user-${answer.body.id}`)).toStrictEqual([
      'UserRegistered',
      'EmailVerificationRequested',
    ]);
  });

  test('works under /api/v1 too, with the same places in the answer', async () => {
    const body = JSON.stringify({ email: 'api@example.com', password: PASSWORD });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${rollbook.url}/api/v1/users`, { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/v1\/users\//);
  });

  test('keeps the address as it was typed and compares it without letter case', async () => {
    const first = await journey.register('case', { email: 'Case.Test@Example.COM' });
    expect(first.body.email).toBe('Case.Test@Example.COM');
    const second = await journey.register('case2', { email: 'case.test@example.com' });
    expect(refusal(second)).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
    expect(second.error?.message).toBe('Email already registered');
    const kelvin = await journey.register('case3', { email: 'Case.Test@Example.COM'.replace('C', '\uff23') });
    expect(kelvin.status).toBe(409);
  });

  test('compares usernames with letter case', async () => {
    expect((await journey.register('Letter')).status).toBe(201);
    expect((await journey.register('letter', { email: 'letter2@example.com' })).status).toBe(201);
    const taken = await journey.register('Letter', { email: 'letter3@example.com' });
    expect(refusal(taken)).toStrictEqual([409, 'CONFLICT', 'username', 'taken']);
    expect(taken.error?.message).toBe('Username already exists');
  });

  test('derives a username where none is given, and makes it unique', async () => {
    const first = await journey.register('x', { username: null, email: 'derived.name@example.com' });
    const second = await journey.register('x', { username: null, email: 'derived.name@example.org' });
    expect(first.body.username).toBe('derived-name');
    expect(second.body.username).toMatch(/^derived-name-[0-9a-f]{4}$/);
    expect(second.body.name).toBe(second.body.username);
  });

  test('tells every fault of the form at once, and writes nothing', async () => {
    const before = await countEvents(rollbook);
    const answer = await journey.post('/users', {
      email: 'nope',
      username: '-x',
      phone: '1',
      nickname: 'x',
      role: 'king',
    });
    expect(answer.status).toBe(400);
    const fields = answer.body.error.details.map(({ field }: { field: string }) => field);
    expect(new Set(fields)).toStrictEqual(new Set(['email', 'username', 'phone', 'nickname', 'role']));
    const weak = await journey.register('weak', { password: '123' });
    expect(refusal(weak)).toStrictEqual([400, 'VALIDATION_ERROR', 'password', 'too_short']);
    const none = await journey.post('/users', { email: 'none@example.com' });
    expect(refusal(none)).toStrictEqual([400, 'VALIDATION_ERROR', 'password', 'required']);
    expect(await countEvents(rollbook)).toBe(before);
  });

  test('is remembered with the caller’s request id, and with no actor but the one who really asked', async () => {
    const headers = {
      'x-request-id': 'caller-chosen-1',
      'x-correlation-id': 'flow-7',
      'x-actor': 'admin',
      'x-event-id': 'e',
    };
    const answer = await journey.register('traced', {}, { headers });
    expect(answer.headers.get('x-request-id')).toBe('caller-chosen-1');
    const [row] = await rollbook.store.read(`user-${answer.body.id}`, { limit: 1 });
    expect(row?.metadata).toMatchObject({
      actor: { kind: 'anonymous', id: null },
      requestId: 'caller-chosen-1',
      correlationId: 'flow-7',
      causationId: null,
    });
    const bad = await journey.register('traced', {}, { headers: { 'x-request-id': 'a b' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^req_/);
    expect(bad.error?.request_id).toBe(bad.headers.get('x-request-id'));
  });

  test('accepts no If-Match', async () => {
    const answer = await journey.register('ifmatch', {}, { headers: { 'if-match': '*' } });
    expect(refusal(answer)).toStrictEqual([412, 'PRECONDITION_FAILED']);
  });
});

describe('The mail after a registration', () => {
  test('carries both links, each on a line of its own, and no text that the registrant chose', async () => {
    await journey.register('mail', { first_name: 'Click', last_name: 'here-now', name: 'Evil Display' });
    const text = await journey.mailTo('mail@example.com');
    for (const path of ['verify-email', 'reject-registration'])
      expect(text).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:8000/${path}\\?token=[\\w.-]+$`, 'm'));
    const { raw } = journey.mailsTo('mail@example.com')[0]!;
    expect(raw).not.toMatch(/Click|here-now|Evil Display/);
  });

  test('links to the portal that was asked for', async () => {
    await journey.register('portal', { portal: 'shop' });
    expect(await journey.mailTo('portal@example.com')).toMatch(/^https:\/\/shop\.example\.org\/verify-email\?token=/m);
  });

  test('never links to where the request says it was sent', async () => {
    await journey.register(
      'host',
      {},
      { headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } },
    );
    expect(await journey.mailTo('host@example.com')).not.toContain('evil.example');
  });
});
