import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { leftovers, SURELY_OVER } from '../../../../command-api/src/picture/leftovers.decide.ts';
import { history, idAt, PERSON_ID } from '../../../support/given.ts';
import { abandoned, expired, registered } from '../../../support/happenings.ts';

const [OLD, NEW, UNNAMED] = [idAt(71), idAt(72), idAt(73)];
const set = (pictureId: string): AnyNewEvent => ({
  type: 'PictureSet',
  data: { pictureId, type: 'image/webp' },
  personal: { digest: `digest of ${pictureId}` },
});
const removed = (pictureId: string): AnyNewEvent => ({ type: 'PictureRemoved', data: { pictureId }, personal: null });
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };

/** given(what happened).deletes(of what is stored, each with its age in ms). */
const given = (...happened: readonly AnyNewEvent[]) => ({
  deletes: (stored: Readonly<Record<string, number>>): readonly string[] =>
    leftovers(
      history(userStream(PERSON_ID), happened),
      Object.entries(stored).map(([id, age]) => ({ owner: PERSON_ID, id, age })),
    ).map(({ id }) => id),
});

describe('Of a person’s stored pictures', () => {
  test('the current one is never deleted, however old', () => {
    expect(given(registered(), set(NEW)).deletes({ [NEW]: 10 * SURELY_OVER })).toEqual([]);
    expect(given(registered(), set(OLD), set(NEW)).deletes({ [NEW]: 0 })).toEqual([]);
  });

  test('what was replaced or removed is deleted at once', () => {
    expect(given(registered(), set(OLD), set(NEW)).deletes({ [OLD]: 0, [NEW]: 0 })).toEqual([OLD]);
    expect(given(registered(), set(OLD), removed(OLD)).deletes({ [OLD]: 0 })).toEqual([OLD]);
  });

  test('what no event names is left to its command for an hour, and is deleted then', () => {
    expect(given(registered()).deletes({ [UNNAMED]: SURELY_OVER })).toEqual([]);
    expect(given(registered()).deletes({ [UNNAMED]: SURELY_OVER + 1 })).toEqual([UNNAMED]);
    expect(given(registered(), set(NEW)).deletes({ [NEW]: 0, [UNNAMED]: SURELY_OVER + 1 })).toEqual([UNNAMED]);
    // Two clocks may differ.
    expect(given(registered()).deletes({ [UNNAMED]: -5_000 })).toEqual([]);
  });

  test('everything is deleted with the person, at once, also what no event names', () => {
    expect(given(registered(), set(NEW), erased).deletes({ [NEW]: 0, [UNNAMED]: 0 })).toEqual([NEW, UNNAMED]);
    expect(given(registered(), ...expired).deletes({ [UNNAMED]: 0 })).toEqual([UNNAMED]);
  });

  test('nothing is deleted of somebody whom the log does not know: it may be another log', () => {
    expect(given().deletes({ [UNNAMED]: 10 * SURELY_OVER })).toEqual([]);
    expect(given(abandoned).deletes({ [UNNAMED]: 10 * SURELY_OVER })).toEqual([]);
  });
});
