import { describe, expect, test } from '@jest/globals';
import type { JsonObject, UnplacedEvent } from '@rollbook/shared/event-log/event';
import { canonicalJson, type Json } from '@rollbook/shared/kernel/json';
import { NO_STREAM, type AppendResult } from '@rollbook/shared/event-log/port';
import fc from 'fast-check';
import { anAppend, anEvent, idsOf, newStream, unplaced } from '../support/log-events.ts';
import type { LogFixture } from './event-store.contract.ts';

const outcomes = (results: readonly AppendResult[]): string[] => results.map(({ outcome }) => outcome);

export const appendContract = (fixture: () => LogFixture): void => {
  describe('appending', () => {
    test('a new stream starts at revision 0, and each event has the next revision and a later position', async () => {
      const { store } = fixture();
      const stream = newStream();
      const first = await store.append(anAppend(stream, NO_STREAM, 2));
      const second = await store.append(anAppend(stream, 1));
      expect([first, second]).toEqual([
        { outcome: 'stored', revision: 1, position: expect.any(String) },
        { outcome: 'stored', revision: 2, position: expect.any(String) },
      ]);
      const events = await store.read(stream);
      expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      const positions = events.map(({ position }) => position);
      expect(new Set([...positions].sort()).size).toBe(3);
      expect([...positions].sort()).toEqual(positions);
    });

    test.each([
      ['a stream that does not exist, expected at 0', 0, 0],
      ['a stream expected not to exist that does', 2, NO_STREAM],
      ['an older revision', 3, 1],
      ['a revision that is not there yet', 2, 2],
    ])('%s is a conflict that names the last revision and writes nothing', async (_, existing, expected) => {
      const { store } = fixture();
      const stream = newStream();
      if (existing > 0) await store.append(anAppend(stream, NO_STREAM, existing));
      expect(await store.append(anAppend(stream, expected, 2))).toEqual({
        outcome: 'conflict',
        revision: existing - 1,
      });
      expect(await store.read(stream)).toHaveLength(existing);
    });

    test('the same append again is known, writes nothing and names the same place', async () => {
      const { store } = fixture();
      const stream = newStream();
      const append = anAppend(stream, NO_STREAM, 3);
      const first = await store.append(append);
      await store.append(anAppend(stream, 2));
      const again = await store.append(append);
      expect(again.revision).toBe(2);
      expect(again.outcome).not.toBe('conflict');
      if (again.outcome !== 'conflict' && first.outcome !== 'conflict' && again.position !== undefined)
        expect(again.position).toBe(first.position);
      expect(await store.read(stream)).toHaveLength(4);
    });

    test('the same ids with other data: what was stored first counts', async () => {
      const { store } = fixture();
      const stream = newStream();
      const event = anEvent(stream, 0, { data: { says: 'first' } });
      await store.append({ stream, expectedRevision: NO_STREAM, events: [event] });
      const other = { ...event, data: { says: 'second' } };
      const again = await store.append({ stream, expectedRevision: NO_STREAM, events: [other] });
      expect(again.outcome).not.toBe('conflict');
      expect((await store.read(stream)).map(unplaced)).toEqual([event]);
    });

    test('an append of which only a part is known writes nothing', async () => {
      const { store } = fixture();
      const stream = newStream();
      const known = anEvent(stream, 0);
      await store.append({ stream, expectedRevision: NO_STREAM, events: [known] });
      const events = [known, anEvent(stream, 1)];
      expect(await store.append({ stream, expectedRevision: NO_STREAM, events })).toEqual({
        outcome: 'conflict',
        revision: 0,
      });
      expect(idsOf(await store.read(stream))).toEqual([known.id]);
    });

    test('many appends in one call: each is taken or refused by itself, in order, also two of one stream', async () => {
      const { store } = fixture();
      const [one, two, three] = [newStream(), newStream(), newStream()];
      const known = anAppend(one, NO_STREAM);
      await store.append(known);
      const results = await store.appendMany([
        anAppend(two, NO_STREAM, 2),
        anAppend(one, NO_STREAM),
        anAppend(two, 1),
        anAppend(two, 1),
        known,
        anAppend(three, NO_STREAM),
        anAppend(three, 0),
      ]);
      const names = outcomes(results).map((outcome) => outcome.replace('already-stored', 'stored'));
      expect(names).toEqual(['stored', 'conflict', 'stored', 'conflict', 'stored', 'stored', 'stored']);
      expect(results.map(({ revision }) => revision)).toEqual([1, 0, 2, 2, 0, 0, 1]);
      const counts = await Promise.all([one, two, three].map(async (stream) => (await store.read(stream)).length));
      expect(counts).toEqual([1, 3, 2]);
    });

    test('of many writers at one revision exactly one wins, over several instances', async () => {
      const { store, open } = fixture();
      const instances = [store, open(), open()];
      const stream = newStream();
      for (let round = 0; round < 5; round += 1) {
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, n) => (instances[n % 3] ?? store).append(anAppend(stream, round - 1))),
        );
        expect(outcomes(results).filter((outcome) => outcome === 'stored')).toHaveLength(1);
        expect(results.every(({ revision }) => revision === round)).toBe(true);
      }
      expect(await store.read(stream)).toHaveLength(5);
    });

    test('writers who read again after a conflict all get their event in, once', async () => {
      const { store, open } = fixture();
      const stream = newStream();
      const write = async (instance: typeof store): Promise<string> => {
        const id = anEvent(stream, 0).id;
        for (let last = NO_STREAM; ;) {
          const events = [anEvent(stream, last + 1, { id })];
          const result = await instance.append({ stream, expectedRevision: last, events });
          if (result.outcome !== 'conflict') return id;
          last = result.revision;
        }
      };
      const instances = [store, open()];
      const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => write(instances[n % 2] ?? store)));
      expect(idsOf(await store.read(stream)).sort()).toEqual(ids.sort());
    });

    test('what no store may take is refused before anything is written', async () => {
      const { store } = fixture();
      const stream = newStream();
      const event = anEvent(stream, 0);
      const bad: readonly (readonly UnplacedEvent[])[] = [
        [],
        [event, { ...event, revision: 1 }],
        [{ ...event, revision: 1 }],
        [{ ...event, stream: newStream() }],
        [{ ...event, id: 'no-uuid' }],
        [{ ...event, data: { text: 'x'.repeat(1024 * 1024) } }],
        [{ ...event, data: { nul: 'a\u0000b' } }],
        [{ ...event, data: { half: '\ud800' } }],
        [{ ...event, data: { huge: 2 ** 53 } }],
        [{ ...event, data: { lost: undefined } as unknown as JsonObject }],
        [{ ...event, data: { big: 1n } as unknown as JsonObject }],
        [{ ...event, data: { when: new Date(0) } as unknown as JsonObject }],
      ];
      for (const events of bad)
        await expect(store.append({ stream, expectedRevision: NO_STREAM, events })).rejects.toMatchObject({
          name: 'AppendRefused',
        });
      const good = { stream, expectedRevision: NO_STREAM, events: [event] };
      await expect(store.appendMany([good, { ...good, events: [] }])).rejects.toMatchObject({ name: 'AppendRefused' });
      expect(await store.read(stream)).toEqual([]);
    });

    test('events close to 1 MiB come back whole', async () => {
      const { store } = fixture();
      const stream = newStream();
      const events = [0, 1, 2].map((n) => anEvent(stream, n, { data: { text: 'ü€😀'.repeat(35_000) } }));
      await store.append({ stream, expectedRevision: NO_STREAM, events });
      expect((await store.read(stream)).map(unplaced)).toEqual(events);
    });

    test('whatever JSON can say comes back with the same canonical bytes', async () => {
      const { store } = fixture();
      const known = [-0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53 - 1, 0.1 + 0.2, '\u2028 \u007f 😀 \ufb33'];
      const storable = (text: string): boolean => !text.includes('\u0000');
      const texts = fc.string({ unit: 'grapheme' }).filter(storable);
      const value = fc
        .jsonValue({ stringUnit: 'grapheme', maxDepth: 4 })
        .filter((json) => storable(JSON.stringify(json)));
      const number = fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((n) => (Number.isInteger(n) ? n % 2 ** 53 : n));
      const anyData = fc.dictionary(texts, fc.oneof(value, number, texts, fc.constantFrom(...known)));
      await fc.assert(
        fc.asyncProperty(fc.array(anyData, { minLength: 1, maxLength: 20 }), async (values) => {
          const stream = newStream();
          const events = values
            .map((data) => JSON.parse(JSON.stringify(data)) as JsonObject)
            .map((data, n) => anEvent(stream, n, { data: whole(data) }));
          await store.append({ stream, expectedRevision: NO_STREAM, events });
          const bytes = (all: readonly UnplacedEvent[]): string[] =>
            all.map((event) => canonicalJson(event as unknown as Json));
          expect(bytes((await store.read(stream)).map(unplaced))).toEqual(bytes(events));
        }),
        { numRuns: 60 },
      );
    });
  });
};

/** Integers beyond 2^53−1 are refused by every store, so the property leaves them out. */
const whole = <Value extends Json>(value: Value): Value =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      typeof item === 'number' && Number.isInteger(item) && !Number.isSafeInteger(item) ? 0.5 : item,
    ),
  ) as Value;
