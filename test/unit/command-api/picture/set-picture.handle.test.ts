import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { sha256 } from '@rollbook/shared/kernel/digest';
import { MemoryPictureStore } from '@rollbook/shared/pictures/memory-picture-store';
import type { PictureStore } from '@rollbook/shared/pictures/picture-store';
import { openPicture } from '@rollbook/shared/pictures/sealed-picture';
import type { Effect } from '../../../../command-api/src/command/own-events.ts';
import { SURELY_OVER } from '../../../../command-api/src/picture/leftovers.decide.ts';
import { BROKEN_PICTURE } from '../../../../command-api/src/picture/picture-encoder.ts';
import { tidyAll } from '../../../../command-api/src/picture/tidy-pictures.handle.ts';
import { setPicture, type SetPicturePorts } from '../../../../command-api/src/user/set-picture/set-picture.handle.ts';
import { aCommand, commandRig, systemContext } from '../../../support/command-rig.ts';
import { PERSON_ID } from '../../../support/given.ts';
import { registeredByStaff } from '../../../support/happenings.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const stream = userStream(PERSON_ID);
const erased = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null } as const;
const red = Buffer.from('a red picture');
const blue = Buffer.from('a blue picture');

let rig: ReturnType<typeof commandRig>;
let pictures: MemoryPictureStore;

/** Everything in memory; what is sent is kept as it is. */
const portsOver = (change: Partial<SetPicturePorts> = {}): SetPicturePorts => ({
  ...rig,
  keyIds: rig.keys,
  receiptKey: { id: 'r1', key: privateKey },
  authority: { check: () => Promise.resolve({ userId: PERSON_ID, sessionId: PERSON_ID, role: 'user' }) },
  pictures,
  encodePicture: (sent) => Promise.resolve({ type: 'image/webp', bytes: sent }),
  ...change,
});
const send = (sent: Buffer, seed?: string, change: Partial<SetPicturePorts> = {}): Promise<Effect | Rejection> =>
  setPicture(portsOver(change), aCommand(seed), { userId: PERSON_ID, sent });
const eventsOf = async () => (await rig.log.read(stream)).events;
const happens = async (...events: Parameters<typeof rig.log.append>[2]): Promise<void> => {
  await rig.log.append(stream, (await rig.log.read(stream)).end, events, systemContext());
};
const stored = async (): Promise<readonly string[]> => (await pictures.of(PERSON_ID)).map(({ id }) => id);
const currentOf = async (): Promise<string | undefined> => {
  const last = (await eventsOf()).findLast(({ type }) => type === 'PictureSet');
  return last?.type === 'PictureSet' ? last.data.pictureId : undefined;
};
/** A store in which something happens right after a picture was put. */
const after = (then: () => Promise<void>): PictureStore => ({
  put: async (name, sealed) => {
    await pictures.put(name, sealed);
    await then();
  },
  get: (name) => pictures.get(name),
  remove: (names) => pictures.remove(names),
  of: (owner) => pictures.of(owner),
  all: (within) => pictures.all(within),
});

beforeEach(async () => {
  rig = commandRig();
  pictures = new MemoryPictureStore({ clock: rig.clock });
  await rig.log.append(stream, EMPTY_STREAM, [registeredByStaff], systemContext());
});

describe('Setting a picture', () => {
  test('stores it under the person’s key before the event that names it', async () => {
    const seenAtStore: number[] = [];
    const watching = after(async () => void seenAtStore.push((await eventsOf()).length));
    const effect = await send(red, 'one', { pictures: watching });
    expect(isRejection(effect)).toBe(false);
    expect(seenAtStore).toEqual([1]);
    const id = (await currentOf()) ?? '';
    const sealed = await pictures.get({ owner: PERSON_ID, id });
    const key = await rig.keys.find(PERSON_ID);
    if (sealed === null || typeof key === 'string') throw new Error('Nothing was stored');
    expect(openPicture(key.key, { owner: PERSON_ID, id }, sealed).equals(red)).toBe(true);
    expect(() => openPicture(key.key, { owner: PERSON_ID, id: PERSON_ID }, sealed)).toThrow();
    expect(sealed.includes('red')).toBe(false);
    const last = (await eventsOf()).at(-1);
    expect(last?.personal).toEqual({ digest: sha256(red).toString('hex') });
  });

  test('leaves no event when the store is away, and may be sent again', async () => {
    const away = after(() => Promise.reject(new StoreUnavailable('away')));
    await expect(send(red, 'one', { pictures: away })).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await eventsOf()).toHaveLength(1);
    await send(red, 'one');
    expect((await eventsOf()).map(({ type }) => type)).toEqual(['UserRegistered', 'PictureSet']);
    expect(await stored()).toContain(await currentOf());
  });

  test('is the same command when it is sent again: one event, whose picture is there', async () => {
    await Promise.all([send(red, 'one'), send(red, 'one'), send(red, 'one')]);
    await send(red, 'one');
    expect((await eventsOf()).map(({ type }) => type)).toEqual(['UserRegistered', 'PictureSet']);
    expect(await stored()).toContain(await currentOf());
  });

  test('encodes and stores once, however often it has to decide again', async () => {
    let encoded = 0;
    const changes = ['1', '2', '3'];
    const encodePicture = (sent: Buffer) => {
      encoded += 1;
      return Promise.resolve({ type: 'image/webp', bytes: sent } as const);
    };
    const busy = after(() =>
      happens({ type: 'ProfileChanged', data: { fields: ['name'] }, personal: { name: changes.pop() ?? null } }),
    );
    await send(red, undefined, { pictures: busy, encodePicture });
    expect(encoded).toBe(1);
    expect(await stored()).toEqual([await currentOf()]);
  });

  test('stores nothing of what is no picture', async () => {
    expect(await send(red, undefined, { encodePicture: () => Promise.resolve(BROKEN_PICTURE) })).toEqual(
      BROKEN_PICTURE,
    );
    expect(await stored()).toEqual([]);
  });

  test('leaves nothing behind when the person is erased in the middle of it', async () => {
    const effect = await send(red, undefined, { pictures: after(() => happens(erased)) });
    expect(effect).toEqual({ rejection: 'not_found' });
    expect(await stored()).toEqual([]);
  });
});

describe('Tidying up', () => {
  test('deletes what a stopped command left behind, but only after an hour, and never the current picture', async () => {
    await send(red);
    const current = await currentOf();
    const away = after(() => Promise.reject(new StoreUnavailable('stopped here')));
    await expect(send(blue, undefined, { pictures: away })).rejects.toThrow('stopped here');
    await tidyAll(portsOver());
    expect(await stored()).toHaveLength(2);
    rig.clock.pass(SURELY_OVER + 1);
    await tidyAll(portsOver(), SURELY_OVER);
    expect(await stored()).toHaveLength(2);
    await tidyAll(portsOver());
    expect(await stored()).toEqual([current]);
  });

  test('finds what was replaced, and who was erased, at once and whatever the age', async () => {
    await send(red);
    await send(blue);
    await tidyAll(portsOver(), undefined, AbortSignal.abort());
    expect(await stored()).toHaveLength(2);
    await tidyAll(portsOver());
    expect(await stored()).toEqual([await currentOf()]);
    await happens(erased);
    await tidyAll(portsOver(), SURELY_OVER);
    expect(await stored()).toEqual([]);
  });
});
