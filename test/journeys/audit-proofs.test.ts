import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { parseVerifierKey, type VerifierKey } from '@rollbook/shared/audit/signed-note';
import { verifyConsistency, verifyInclusion } from '@rollbook/shared/audit/verify-proof';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('An auditor who trusts nothing but a public key', () => {
  let rollbook: TestRollbook;
  let journey: ReturnType<typeof journeyOn>;
  let admin: string;
  let keys: readonly VerifierKey[];
  const sealing = { every: 1e9, most: 1e9 };

  beforeAll(async () => {
    rollbook = await startRollbook({}, { sealing });
    journey = journeyOn(rollbook);
    admin = await journey.admin();
    const answer = await fetch(`${rollbook.url}/.well-known/audit-keys.json`);
    expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([200, 'application/json; charset=utf-8']);
    const body = (await answer.json()) as { origin: string; keys: { vkey: string; kid: string; x: string }[] };
    keys = body.keys.map(({ vkey }) => parseVerifierKey(vkey)!);
    expect(keys.map(({ name }) => name)).toStrictEqual([body.origin]);
    expect(JSON.stringify(body)).not.toContain('"d"');
  }, 90_000);
  afterAll(() => rollbook.stop());

  const get = (path: string, token = admin) => call(rollbook.url, 'GET', path, { token });
  const sealed = async (eventId: string): Promise<void> =>
    until('it is sealed', async () => (await get(`/audit/events/${eventId}/proof`)).status === 200);

  test('is told that nothing is sealed before the first checkpoint, and when to ask again', async () => {
    const [event] = await eventsIn(rollbook, 'UserRegistered');
    const proof = `/audit/events/${event!.id}/proof`;
    await until('it is indexed', async () => (await get(proof)).status !== 404);
    for (const path of [proof, '/audit/checkpoint', '/audit/consistency?from=0']) {
      const { status, headers, body } = await get(path);
      expect([path, status, headers.get('retry-after')]).toStrictEqual([path, 409, '60']);
      expect(body.error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('No checkpoint covers') });
    }
    // From now on everything is sealed at once.
    Object.assign(sealing, { every: 0, most: 1_000 });
  });

  test('proves that an event stands in the log, by the event, its proof and the key alone', async () => {
    await journey.register('proved');
    const events = await eventsIn(rollbook, 'UserRegistered');
    const event = events.at(-1)!;
    await sealed(event.id);
    const { body, headers } = await get(`/audit/events/${event.id}/proof`);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(4_096);
    expect(headers.get('projection-position')).toMatch(/^[\d-]+$/);
    const checkpoint = openCheckpoint(body.checkpoint, keys)!;
    const claim = { leaf: body.leaf, size: checkpoint.size, root: checkpoint.root, path: body.path.map(hex) };
    expect(body).toMatchObject({ event_id: event.id, leaf_hash: hashEvent(event), tree_size: checkpoint.size });
    expect(verifyInclusion({ ...claim, hash: hex(hashEvent(event)) })).toBe(true);
    const other = { ...event, recordedAt: '2026-01-01T00:00:00.000Z' };
    expect(verifyInclusion({ ...claim, hash: hex(hashEvent(other)) })).toBe(false);
  });

  test('takes a checkpoint as text, and proves later that the log only grew since', async () => {
    const first = await get('/audit/checkpoint');
    expect([first.status, first.headers.get('content-type')]).toStrictEqual([200, 'text/plain; charset=utf-8']);
    const old = openCheckpoint(first.body, keys)!;
    await journey.register('later');
    await until('there is a newer one', async () => (await get('/audit/checkpoint')).body !== first.body);
    const { body } = await get(`/audit/consistency?from=${String(old.size)}`);
    const now = openCheckpoint(body.checkpoint, keys)!;
    expect(body).toMatchObject({ from: old.size, to: now.size, to_root: now.root.toString('hex') });
    const claim = { from: old.size, fromRoot: old.root, to: now.size, toRoot: now.root, path: body.path.map(hex) };
    expect(verifyConsistency(claim)).toBe(true);
    expect((await get(`/audit/consistency?from=0&to=${String(old.size)}`)).body).toMatchObject({
      to_root: old.root.toString('hex'),
      path: [],
    });
  });

  test.each([
    ['a size beyond the newest checkpoint', '?from=1&to=1000000', 'to'],
    ['a beginning beyond the end', '?from=2&to=1', 'from'],
    ['no beginning', '', 'from'],
    ['something that is no number', '?from=-1', 'from'],
  ])('is refused a proof for %s, and told the parameter', async (_, query, field) => {
    const { status, body } = await get(`/audit/consistency${query}`);
    expect([status, body.error.details[0].field]).toStrictEqual([400, field]);
  });

  test('is told 404 for an event that is none, and for the claim of a name, whose leaf is in the tree all the same', async () => {
    expect((await get(`/audit/events/${randomUUID()}/proof`)).status).toBe(404);
    const [claim] = await eventsIn(rollbook, 'EmailClaimed');
    expect((await get(`/audit/events/${claim!.id}/proof`)).status).toBe(404);
  });

  test('is nobody who has no part in it', async () => {
    await journey.register('curious', { role: 'manager' }, { token: admin });
    const token = String((await journey.signIn('curious')).body.access_token);
    for (const path of ['/audit/checkpoint', `/audit/events/${randomUUID()}/proof`, '/audit/consistency?from=0']) {
      expect((await get(path, token)).status).toBe(403);
      expect((await call(rollbook.url, 'GET', path)).status).toBe(401);
    }
  });
});
