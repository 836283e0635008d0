import { describe, expect, test } from '@jest/globals';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import { NO_STREAM, type EventStore, type ReadAllOptions } from '@rollbook/shared/event-log/port';
import { anAppend, anEvent, idsOf, newStream, unplaced } from '../support/log-events.ts';
import type { LogFixture } from './event-store.contract.ts';

/** Reads page by page to the log's end, and checks what each page says of itself. */
const readOn = async (store: EventStore, options: ReadAllOptions): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  let after = options.after;
  for (;;) {
    const page = await store.readAll({ ...options, after });
    expect(page.events.length).toBeLessThanOrEqual(options.limit ?? 500);
    const last = page.events.at(-1)?.position;
    if (last !== undefined) expect((page.position ?? '') >= last).toBe(true);
    expect((page.position ?? '') >= (after ?? '')).toBe(true);
    events.push(...page.events);
    if (page.atEnd) return events;
    expect(page.position).not.toBe(after);
    after = page.position;
  }
};

export const readContract = (fixture: () => LogFixture): void => {
  describe('reading', () => {
    test('a stream reads forwards, backwards, from a revision and up to a limit', async () => {
      const { store } = fixture();
      const stream = newStream();
      await store.append(anAppend(stream, NO_STREAM, 6));
      const revisions = async (options: Parameters<typeof store.read>[1]): Promise<number[]> =>
        (await store.read(stream, options)).map(({ revision }) => revision);
      expect(await revisions({})).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await revisions({ from: 4 })).toEqual([4, 5]);
      expect(await revisions({ from: 1, limit: 2 })).toEqual([1, 2]);
      expect(await revisions({ from: 6 })).toEqual([]);
      expect(await revisions({ direction: 'backwards' })).toEqual([5, 4, 3, 2, 1, 0]);
      expect(await revisions({ direction: 'backwards', limit: 1 })).toEqual([5]);
      expect(await revisions({ direction: 'backwards', from: 2 })).toEqual([2, 1, 0]);
      expect(await revisions({ direction: 'backwards', from: 99, limit: 1 })).toEqual([5]);
    });

    test('a store that says how many events stand between two places counts each once', async () => {
      const { store } = fixture();
      const before = await store.end();
      await store.append(anAppend(newStream(), NO_STREAM, 6));
      const middle = await store.end();
      await store.append(anAppend(newStream(), NO_STREAM, 2));
      const after = await store.end();
      const told = [store.distance?.(before, middle), store.distance?.(middle, after), store.distance?.(after, after)];
      expect(store.distance ? [6, 2, 0] : [undefined, undefined, undefined]).toEqual(told);
    });

    test('a stream nobody wrote reads as empty', async () => {
      expect(await fixture().store.read(newStream())).toEqual([]);
    });

    test('a long stream reads whole', async () => {
      const { store } = fixture();
      const stream = newStream();
      for (let n = 0; n < 5; n += 1) await store.append(anAppend(stream, n * 450 - 1, 450));
      expect((await store.read(stream)).map(({ revision }) => revision)).toEqual(
        Array.from({ length: 2250 }, (_, n) => n),
      );
      expect((await store.read(stream, { direction: 'backwards', limit: 2_100 })).at(-1)?.revision).toBe(150);
    });

    test('every part of an event comes back as it was given', async () => {
      const { store } = fixture();
      const stream = newStream('signin');
      const event = anEvent(stream, 0, {
        type: 'Odd',
        schemaVersion: 7,
        recordedAt: '2026-11-20T00:00:00.001Z',
        personal: [],
      });
      await store.append({ stream, expectedRevision: NO_STREAM, events: [event] });
      const [stored] = await store.read(stream);
      expect(stored && unplaced(stored)).toEqual(event);
      expect(await readOn(store, { after: null, filter: { streamPrefixes: [stream] } })).toEqual([stored]);
    });

    test('the whole log reads in the order in which it was written, page by page', async () => {
      const { store } = fixture();
      const before = await store.end();
      const written: string[] = [];
      for (let n = 0; n < 25; n += 1) {
        const append = anAppend(newStream(), NO_STREAM, 2);
        await store.append(append);
        written.push(...idsOf(append.events));
      }
      for (const limit of [1, 7, 500]) expect(idsOf(await readOn(store, { after: before, limit }))).toEqual(written);
      const all = await readOn(store, { after: null });
      expect(idsOf(all.slice(-50))).toEqual(written);
      expect(await store.end()).toBe(all.at(-1)?.position);
    });

    test('reading from the position of an event gives what comes after it', async () => {
      const { store } = fixture();
      const stream = newStream();
      await store.append(anAppend(stream, NO_STREAM, 3));
      const [first, ...others] = await store.read(stream);
      const after = first?.position as Position;
      expect((await readOn(store, { after })).filter((event) => event.stream === stream)).toEqual(others);
    });

    test('at the end of the log a page is empty, says so and stays where it was', async () => {
      const { store } = fixture();
      await store.append(anAppend(newStream(), NO_STREAM));
      const end = await store.end();
      expect(await store.readAll({ after: end })).toMatchObject({ events: [], position: end, atEnd: true });
    });

    test('a filter by stream names or by types leaves the rest out, and the position moves over it', async () => {
      const { store } = fixture();
      const before = await store.end();
      const [wanted, other] = [newStream('%wanted_'), newStream('xwanted-')];
      for (const [n, stream] of [wanted, other, wanted, other].entries()) {
        const revision = n >> 1;
        const event = anEvent(stream, revision, { type: `Type${String(n)}` });
        await store.append({ stream, expectedRevision: revision - 1, events: [event] });
      }
      const end = await store.end();
      const types = async (filter: ReadAllOptions['filter']): Promise<string[]> =>
        (await readOn(store, { after: before, ...(filter && { filter }) })).map(({ type }) => type);
      expect(await types({ streamPrefixes: ['%wanted_'] })).toEqual(['Type0', 'Type2']);
      expect(await types({ streamPrefixes: ['xwanted-', '%wanted_'] })).toEqual(['Type0', 'Type1', 'Type2', 'Type3']);
      expect(await types({ types: ['Type3', 'Type0'] })).toEqual(['Type0', 'Type3']);
      expect(await types({ types: ['Type'] })).toEqual([]);
      const page = await store.readAll({ after: before, filter: { types: ['Type0'] } });
      expect(page).toMatchObject({ position: end, atEnd: true });
    });

    test('a page ends with the event by which it holds so many bytes, and no page is without one', async () => {
      const { store } = fixture();
      const stream = newStream();
      const before = await store.end();
      const big = (revision: number) => anEvent(stream, revision, { data: { text: 'x'.repeat(10_000) } });
      for (let revision = 0; revision < 5; revision += 1)
        await store.append({ stream, expectedRevision: revision - 1, events: [big(revision)] });
      const pages = async (bytes: number): Promise<number[]> => {
        const sizes: number[] = [];
        for (let after = before; sizes.reduce((sum, size) => sum + size, 0) < 5;) {
          const page = await store.readAll({ after, bytes });
          sizes.push(page.events.length);
          after = page.position;
        }
        return sizes;
      };
      expect(await pages(1)).toEqual([1, 1, 1, 1, 1]);
      expect(await pages(15_000)).toEqual([2, 2, 1]);
      expect(await pages(1_000_000)).toEqual([5]);
      const after = (await store.readAll({ after: before, bytes: 1_000_000 })).position;
      expect(await store.readAll({ after, bytes: 1 })).toMatchObject({ events: [], position: after, atEnd: true });
    });

    test('all instances see one log with one id', async () => {
      const { store, open } = fixture();
      const stream = newStream();
      await store.append(anAppend(stream, NO_STREAM));
      const other = open();
      expect(await other.logId()).toBe(await store.logId());
      expect(await other.read(stream)).toEqual(await store.read(stream));
    });
  });
};
