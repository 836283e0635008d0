import { describe, expect, test } from '@jest/globals';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { openEvents } from '@rollbook/shared/event-log/open-event';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { MINUTE } from '@rollbook/shared/kernel/clock';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { expired, forfeited, registered, USERNAME_CLAIM, verificationRequested } from '../../support/happenings.ts';

const stream = userStream(PERSON_ID);
const origin = { address: '192.0.2.7', userAgent: 'curl/8' };
const byStranger = { ...systemContext(), actor: { kind: 'anonymous', id: null }, origin } as const;
const byPerson = (id: string) => ({ ...systemContext(), actor: { kind: 'person', id }, origin }) as const;
const OTHER = '99999999-9999-4999-8999-999999999999';

const written = async (...events: readonly AnyNewEvent[]) => {
  const rig = commandRig();
  await rig.log.append(stream, EMPTY_STREAM, events, byStranger);
  const stored = await rig.store.read(stream);
  return { ...rig, stored };
};
const first = (events: readonly StoredEvent[]): StoredEvent => {
  const [event] = events;
  if (!event) throw new Error('Nothing was stored');
  return event;
};

describe('A sealed event', () => {
  test('comes back as it went in', async () => {
    const { log } = await written(registered(), verificationRequested());
    const { events, end } = await log.read(stream);
    expect(events.map(({ type, data, personal }) => ({ type, data, personal }))).toStrictEqual([
      registered(),
      verificationRequested(),
    ]);
    expect(end).toMatchObject({ revision: 1, hash: events[1]?.metadata.hash });
    expect(events[0]).toMatchObject({ origin, erased: false, originErased: false });
  });

  test('holds the person’s part under their key and a stranger’s origin under the key of the day', async () => {
    const { stored } = await written(registered());
    expect(first(stored).personal.map(({ subject }) => subject)).toStrictEqual([PERSON_ID, 'day-2026-01-02']);
  });

  test('holds one part for a person who acts on themselves, two for one who acts on another', async () => {
    const { log, store } = commandRig();
    await log.append(stream, EMPTY_STREAM, [registered()], byPerson(PERSON_ID));
    await log.append(
      signinStream(OTHER),
      EMPTY_STREAM,
      [{ type: 'SignedIn', data: { sessionId: OTHER }, personal: null }],
      byPerson(PERSON_ID),
    );
    expect(first(await store.read(stream)).personal.map(({ subject }) => subject)).toStrictEqual([PERSON_ID]);
    const signIn = first(await store.read(signinStream(OTHER)));
    expect(signIn.personal.map(({ subject }) => subject)).toStrictEqual([PERSON_ID]);
  });

  test('is sealed under another nonce each time', async () => {
    const one = await written(registered());
    const two = await written(registered());
    const nonces = [...first(one.stored).personal, ...first(two.stored).personal].map(({ nonce }) => nonce);
    expect(new Set(nonces).size).toBe(4);
    for (const nonce of nonces) expect(Buffer.from(nonce, 'base64')).toHaveLength(12);
  });

  test('whose key was destroyed shows nothing, and says so; the stranger’s origin stays', async () => {
    const { log, keys } = await written(registered(), forfeited(USERNAME_CLAIM));
    await keys.destroy(PERSON_ID);
    const { events } = await log.read(stream);
    expect(events[0]).toMatchObject({
      ...{ personal: null, erased: true, originErased: false, origin },
      data: registered().data,
    });
    expect(events[1]).toMatchObject({ personal: null, erased: false });
  });

  test('whose key of the day was destroyed shows the person, not the stranger', async () => {
    const { log, keys } = await written(registered());
    await keys.destroy('day-2026-01-02');
    expect((await log.read(stream)).events[0]).toMatchObject({
      personal: registered().personal,
      origin: null,
      erased: false,
      originErased: true,
    });
  });

  test('whose key is missing is a fault, never taken for erased', async () => {
    const { stored, random } = await written(registered());
    const empty = new MemoryKeyRing({ random });
    await expect(openEvents(stored, empty)).rejects.toMatchObject({ name: 'UnreadableEvent' });
  });

  test('whose key was replaced is a fault', async () => {
    const { stored, random } = await written(registered());
    const other = new MemoryKeyRing({ random });
    for (const { subject } of first(stored).personal) await other.ensure(subject);
    await expect(openEvents(stored, other)).rejects.toThrow("is not the subject's key");
  });

  test('does not open with a part of another event, another stream, or a changed byte', async () => {
    const { stored, keys } = await written(registered(), verificationRequested());
    const [one, two] = stored as [StoredEvent, StoredEvent];
    const ciphertext = Buffer.from(one.personal[0]?.ciphertext ?? '', 'base64');
    ciphertext[0] = (ciphertext[0] ?? 0) ^ 1;
    const flipped = { ...one.personal[0]!, ciphertext: ciphertext.toString('base64') };
    for (const broken of [
      { ...two, personal: one.personal },
      { ...one, stream: userStream(OTHER) },
      { ...one, personal: [flipped] },
      { ...one, personal: [{ ...one.personal[0]!, nonce: two.personal[0]!.nonce }] },
    ])
      await expect(openEvents([broken], keys)).rejects.toThrow('is broken');
  });
});

describe('Writing an event', () => {
  test('gives ids that depend on command, stream and place alone', async () => {
    const { stored } = await written(registered(), verificationRequested());
    const { commandId } = byStranger;
    expect(stored.map(({ id }) => id)).toStrictEqual([
      eventIdOf(commandId, stream, 0),
      eventIdOf(commandId, stream, 1),
    ]);
    expect(eventIdOf(commandId, stream, 0)).not.toBe(eventIdOf(commandId, userStream(OTHER), 0));
  });

  test('never gives a time before the event before it', async () => {
    const { log, clock } = await written(registered());
    clock.pass(-10 * MINUTE);
    const { events: before, end } = await log.read(stream);
    await log.append(stream, end, [forfeited(USERNAME_CLAIM)], systemContext());
    const { events } = await log.read(stream);
    expect(events[1]?.recordedAt).toBe(before[0]?.recordedAt);
  });

  test('under a destroyed key is refused where it would hold the person’s values', async () => {
    const { log, keys } = await written(registered());
    const { end } = await log.read(stream);
    await keys.destroy(PERSON_ID);
    await expect(log.append(stream, end, [verificationRequested()], byStranger)).rejects.toMatchObject({
      name: 'AppendRefused',
    });
    expect(await log.append(stream, end, [forfeited(USERNAME_CLAIM)], byPerson(PERSON_ID))).toMatchObject({
      outcome: 'stored',
    });
    expect((await log.read(stream)).events[1]).toMatchObject({ origin: null });
  });

  test('for a person who was erased meanwhile is a lost race, not a fault', async () => {
    const { log, keys } = await written(registered());
    const { end } = await log.read(stream);
    await log.append(stream, end, expired, systemContext());
    await keys.destroy(PERSON_ID);
    expect(await log.append(stream, end, [verificationRequested()], byStranger)).toStrictEqual({
      outcome: 'conflict',
      revision: 2,
    });
  });

  test.each<[string, unknown]>([
    ['an unknown type', { type: 'Nothing', data: {}, personal: null }],
    ['a field too many', { type: 'ClaimForfeited', data: { claimId: USERNAME_CLAIM, more: 1 }, personal: null }],
    ['a field too few', { type: 'ClaimForfeited', data: {}, personal: null }],
    ['personal values where none are declared', { ...forfeited(USERNAME_CLAIM), personal: { email: 'x' } }],
    ['no personal values where some are', { ...registered(), personal: null }],
    ['a NUL', registered({}, { name: 'a\u0000b' })],
    ['a lone surrogate', registered({}, { name: '\ud800' })],
  ])('with %s is refused, and nothing is stored', async (_name, event) => {
    const { log, store } = commandRig();
    await expect(log.append(stream, EMPTY_STREAM, [event as AnyNewEvent], byStranger)).rejects.toMatchObject({
      name: 'AppendRefused',
    });
    expect(await store.read(stream)).toStrictEqual([]);
  });

  test('of a version that only a newer program knows is not read', async () => {
    const { stored, keys } = await written(registered());
    await expect(openEvents([{ ...first(stored), schemaVersion: 2 }], keys)).rejects.toThrow(
      'UserRegistered in version 2',
    );
    await expect(openEvents([{ ...first(stored), type: 'Future' }], keys)).rejects.toThrow('does not know Future');
  });
});
