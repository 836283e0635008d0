import { describe, expect, test } from '@jest/globals';
import { ApiKeyMemory } from '@rollbook/shared/api-key/api-key-memory';
import { apiKeyIdIn, writeApiKey } from '@rollbook/shared/api-key/api-key-text';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject } from '@rollbook/shared/contracts/rejections';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import { endOf } from '@rollbook/shared/event-log/sealed-event-log';
import { API_KEY, API_KEY_ID, apiKeyCreated, apiKeyRevoked } from '../../support/api-keys.ts';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';

const INVALID = reject('api_key_invalid');
const context = () => ({ ...systemContext(), actor: { kind: 'person', id: PERSON_ID } as const });

/** A log with these events of the key, and what looks at keys there; `watch.current` says whether the memory counts. */
const given = async (...events: readonly AnyNewEvent[]) => {
  const rig = commandRig();
  const stream = apiKeyStream(API_KEY_ID);
  const happen = async (event: AnyNewEvent): Promise<void> => {
    await rig.log.append(stream, endOf((await rig.store.read(stream)).at(-1)), [event], context());
  };
  for (const event of events) await happen(event);
  const memory = new ApiKeyMemory();
  const watch = { current: true, isCurrent: () => Promise.resolve(watch.current) };
  const reads: string[] = [];
  /** What happens between a reading and its answer. */
  const meanwhile: (() => Promise<void>)[] = [];
  const log = {
    read: async (name: string) => {
      reads.push(name);
      const read = await rig.log.read(name);
      await meanwhile.shift()?.();
      return read;
    },
  };
  const uses: string[] = [];
  const keys = new ApiKeys({ log, clock: rig.clock, recent: { memory, watch }, onUse: (id) => uses.push(id) });
  /** Hands the stream's last event to the memory, as the watch would. */
  const hear = async (): Promise<void> => {
    const last = (await rig.store.read(stream)).at(-1);
    if (last) memory.note(last);
  };
  return { ...rig, ring: rig.keys, happen, hear, memory, watch, meanwhile, reads, uses, keys };
};

describe('Whoever shows an API key', () => {
  test('is the service that it was made for, with its scopes and its own limit', async () => {
    const { keys, uses } = await given(apiKeyCreated({ scopes: ['users:read', 'events:read'], rateLimitPerHour: 7 }));
    expect(await keys.look(API_KEY)).toStrictEqual({
      kind: 'service',
      id: API_KEY_ID,
      scopes: ['users:read', 'events:read'],
      rateLimitPerHour: 7,
    });
    expect(uses).toStrictEqual([API_KEY_ID]);
  });

  test('is nobody when the key is unknown, has another secret, or is mistyped', async () => {
    const { keys, uses, reads } = await given(apiKeyCreated());
    const stranger = writeApiKey('00000000-0000-4000-8000-000000000001', Buffer.alloc(32, 0xab));
    const guess = writeApiKey(API_KEY_ID, Buffer.alloc(32, 0xac));
    expect(apiKeyIdIn(guess)).toBe(API_KEY_ID);
    expect([await keys.look(stranger), await keys.look(guess)]).toStrictEqual([INVALID, INVALID]);
    expect(reads).toHaveLength(2);
    expect(await keys.look(`${API_KEY}0`)).toStrictEqual(INVALID);
    expect(reads).toHaveLength(2);
    expect(uses).toStrictEqual([]);
  });

  test('is nobody from the moment at which the key expires', async () => {
    const { keys, clock } = await given(apiKeyCreated({ expiresAt: '2026-01-02T03:05:00.000Z' }));
    clock.pass(54_321);
    expect(await keys.look(API_KEY)).toMatchObject({ id: API_KEY_ID });
    clock.pass(1);
    expect(await keys.look(API_KEY)).toStrictEqual(INVALID);
  });

  test('is nobody once the key is revoked', async () => {
    const { keys } = await given(apiKeyCreated(), apiKeyRevoked);
    expect(await keys.look(API_KEY)).toStrictEqual(INVALID);
  });

  test('still uses the key when the administrator who made it was erased', async () => {
    const { keys, ring } = await given(apiKeyCreated());
    await ring.destroy(PERSON_ID);
    expect(await keys.look(API_KEY)).toMatchObject({ id: API_KEY_ID });
  });
});

describe('A key that was looked at before', () => {
  test('is not read from the log again while the memory is current', async () => {
    const { keys, reads, uses } = await given(apiKeyCreated());
    for (let n = 0; n < 5; n += 1) expect(await keys.look(API_KEY)).toMatchObject({ id: API_KEY_ID });
    expect([reads.length, uses.length]).toStrictEqual([1, 5]);
    // Remembered or not, its secret has to be right.
    expect(await keys.look(writeApiKey(API_KEY_ID, Buffer.alloc(32, 1)))).toStrictEqual(INVALID);
    expect(reads).toHaveLength(1);
  });

  test('is read each time while nobody knows whether the memory is current', async () => {
    const { keys, reads, watch, happen } = await given(apiKeyCreated());
    await keys.look(API_KEY);
    watch.current = false;
    expect(await keys.look(API_KEY)).toMatchObject({ id: API_KEY_ID });
    await happen(apiKeyRevoked);
    expect(await keys.look(API_KEY)).toStrictEqual(INVALID);
    expect(reads).toHaveLength(3);
  });

  test('opens nothing as soon as its revocation was heard of', async () => {
    const { keys, happen, hear } = await given(apiKeyCreated());
    await keys.look(API_KEY);
    await happen(apiKeyRevoked);
    await hear();
    expect(await keys.look(API_KEY)).toStrictEqual(INVALID);
  });

  test('is not remembered when its revocation was heard of while it was being read', async () => {
    const { keys, happen, hear, meanwhile } = await given(apiKeyCreated());
    meanwhile.push(async () => {
      await happen(apiKeyRevoked);
      await hear();
    });
    expect(await keys.look(API_KEY)).toMatchObject({ id: API_KEY_ID });
    expect(await keys.look(API_KEY)).toStrictEqual(INVALID);
  });

  test('is forgotten when the watch starts again, and when there are too many', async () => {
    const { keys, reads, memory } = await given(apiKeyCreated());
    await keys.look(API_KEY);
    memory.begin();
    await keys.look(API_KEY);
    expect(reads).toHaveLength(2);
    const small = new ApiKeyMemory({ most: 1 });
    const one = memory.find(API_KEY_ID, 0);
    if (!one) throw new Error('It was remembered');
    small.remember(one, small.news, 0);
    small.remember({ ...one, id: PERSON_ID }, small.news, 0);
    expect([small.find(API_KEY_ID, 0), small.find(PERSON_ID, 0)?.id]).toStrictEqual([null, PERSON_ID]);
  });

  test('is recalled while the log is away, for as long as is said after the log last stood behind it', async () => {
    const { keys, clock, uses } = await given(apiKeyCreated());
    expect(keys.recall(API_KEY, 1_000)).toBeNull();
    await keys.look(API_KEY);
    clock.pass(600);
    await keys.look(API_KEY);
    clock.pass(999);
    expect(keys.recall(API_KEY, 1_000)).toMatchObject({ id: API_KEY_ID });
    expect(keys.recall(writeApiKey(API_KEY_ID, Buffer.alloc(32, 1)), 1_000)).toStrictEqual(INVALID);
    expect(keys.recall('rbk_', 1_000)).toStrictEqual(INVALID);
    clock.pass(1);
    expect(keys.recall(API_KEY, 1_000)).toBeNull();
    expect(uses).toHaveLength(3);
  });
});
