import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { registered, USERNAME_CLAIM, forfeited, verificationRequested } from '../../support/happenings.ts';

const event = {
  id: '00000000-0000-4000-8000-000000000001',
  type: 'SessionEnded',
  schemaVersion: 1,
  stream: 'session-x',
  revision: 2,
  recordedAt: '2026-01-02T03:04:05.678Z',
  data: { userId: 'u', reason: 'logout' },
  personal: [{ subject: 's', keyId: 'k', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVy' }],
  metadata: {
    actor: { kind: 'person', id: 'u' },
    requestId: 'req',
    correlationId: 'cor',
    causationId: null,
    commandId: 'cmd',
    previousHash: 'aa',
    hash: '',
  },
} as const;

describe('The hash of an event', () => {
  test('is SHA-256 over a zero byte and the canonical JSON, written out here by hand', () => {
    const canonical =
      '{"data":{"reason":"logout","userId":"u"},"id":"00000000-0000-4000-8000-000000000001",' +
      '"metadata":{"actor":{"id":"u","kind":"person"},"causationId":null,"commandId":"cmd","correlationId":"cor",' +
      '"previousHash":"aa","requestId":"req"},' +
      '"personal":[{"ciphertext":"Y2lwaGVy","keyId":"k","nonce":"bm9uY2U=","subject":"s"}],' +
      '"recordedAt":"2026-01-02T03:04:05.678Z","revision":2,"schemaVersion":1,"stream":"session-x","type":"SessionEnded"}';
    expect(hashEvent(event)).toBe(createHash('sha256').update('\0').update(canonical).digest('hex'));
    expect(hashEvent(event)).toBe('37e695fd575aa1551b27bff3dc035669028d6d1ebdcacb39e9e8a5a3229c6912');
  });

  test('covers everything but the position and itself', () => {
    const same = { ...event, position: '7', metadata: { ...event.metadata, hash: 'ff' } } as unknown as StoredEvent;
    expect(hashEvent(same)).toBe(hashEvent(event));
    const others = [
      { ...event, id: 'x' },
      { ...event, type: 'x' },
      { ...event, schemaVersion: 2 },
      { ...event, stream: 'x' },
      { ...event, revision: 3 },
      { ...event, recordedAt: 'x' },
      { ...event, data: { ...event.data, reason: 'replayed' } },
      { ...event, personal: [] },
      { ...event, personal: [{ ...event.personal[0], ciphertext: 'x' }] },
      ...(['actor', 'requestId', 'correlationId', 'causationId', 'commandId', 'previousHash'] as const).map((name) => ({
        ...event,
        metadata: { ...event.metadata, [name]: name === 'actor' ? { kind: 'system', id: null } : 'x' },
      })),
    ];
    expect(new Set(others.map((other) => hashEvent(other as typeof event))).size).toBe(others.length);
    expect(others.map((other) => hashEvent(other as typeof event))).not.toContain(hashEvent(event));
  });
});

describe('The chain of a stream', () => {
  const written = async () => {
    const { log, store, keys } = commandRig();
    const stream = userStream(PERSON_ID);
    await log.append(stream, EMPTY_STREAM, [registered(), verificationRequested()], systemContext());
    const { end } = await log.read(stream);
    await log.append(stream, end, [forfeited(USERNAME_CLAIM)], systemContext());
    return { stored: await store.read(stream), log, store, keys, stream };
  };

  test('links each event to the one before, within an append and across', async () => {
    const { stored } = await written();
    expect(stored.map(({ metadata }) => metadata.previousHash)).toStrictEqual([
      null,
      stored[0]?.metadata.hash,
      stored[1]?.metadata.hash,
    ]);
    for (const one of stored) expect(hashEvent(one)).toBe(one.metadata.hash);
  });

  test('holds after the person was erased, because it covers what is sealed', async () => {
    const { stored, log, keys, store, stream } = await written();
    await keys.destroy(PERSON_ID);
    expect((await log.read(stream)).events[0]).toMatchObject({ erased: true, personal: null });
    const after = await store.read(stream);
    expect(after).toStrictEqual(stored);
    for (const one of after) expect(hashEvent(one)).toBe(one.metadata.hash);
  });
});
