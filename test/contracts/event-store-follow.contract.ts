import { describe, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '@rollbook/shared/event-log/event';
import { NO_STREAM, type LogPage } from '@rollbook/shared/event-log/port';
import { anAppend, collect, idsOf, newStream } from '../support/log-events.ts';
import type { LogFixture } from './event-store.contract.ts';

export const followContract = (fixture: () => LogFixture): void => {
  describe('following', () => {
    test('a follower gets what is there and what comes, in order, each once', async () => {
      const { store, open } = fixture();
      const after = await store.end();
      const written: string[] = [];
      const write = async (): Promise<void> => {
        const append = anAppend(newStream(), NO_STREAM, 3);
        await store.append(append);
        written.push(...idsOf(append.events));
      };
      for (let n = 0; n < 10; n += 1) await write();
      const { signal } = new AbortController();
      const following = collect(open().follow({ after, signal, limit: 4 }), (events) => events.length >= 60);
      for (let n = 0; n < 10; n += 1) {
        await pause(5);
        await write();
      }
      expect(idsOf(await following)).toEqual(written);
    });

    test('a follower that starts again goes on after the last page that it handled', async () => {
      const { store } = fixture();
      const after = await store.end();
      const append = anAppend(newStream(), NO_STREAM, 20);
      await store.append(append);
      const seen: string[] = [];
      let position: Position | null = after;
      while (seen.length < 20) {
        // Each follower handles one page and ends.
        for await (const page of store.follow({ after: position, signal: new AbortController().signal, limit: 3 })) {
          seen.push(...idsOf(page.events));
          position = page.position;
          break;
        }
      }
      expect(seen).toEqual(idsOf(append.events));
    });

    test('a new event is there for the follower soon after it was written', async () => {
      const { store, open } = fixture();
      const { signal } = new AbortController();
      const pages = open().follow({ after: await store.end(), signal });
      const begin = (): AsyncIterator<LogPage> => pages[Symbol.asyncIterator]();
      const follower = begin();
      await follower.next();
      const append = anAppend(newStream(), NO_STREAM);
      await store.append(append);
      const written = performance.now();
      for (;;) {
        const { value } = (await follower.next()) as { value: { events: { id: string }[] } };
        if (value.events.length === 0) continue;
        expect(idsOf(value.events)).toEqual(idsOf(append.events));
        break;
      }
      expect(performance.now() - written).toBeLessThan(1_000);
      await follower.return?.();
    });

    test('at the end of the log a follower shows a few times a second that it is alive, and no more often', async () => {
      const { store } = fixture();
      const stop = new AbortController();
      let pages = 0;
      const counting = (async () => {
        for await (const page of store.follow({ after: await store.end(), signal: stop.signal })) {
          expect(page).toMatchObject({ events: [], atEnd: true });
          pages += 1;
        }
      })();
      await pause(1_100);
      stop.abort();
      await counting;
      expect(pages).toBeGreaterThanOrEqual(4);
      expect(pages).toBeLessThan(30);
    });

    test('a follower with a filter gets its events only, and its position moves over the others', async () => {
      const { store } = fixture();
      const after = await store.end();
      const wanted = newStream('emailclaim');
      const { signal } = new AbortController();
      const positions: (Position | null)[] = [];
      const following = collect(
        store.follow({ after, signal, filter: { streamPrefixes: [wanted] } }),
        (events, page) => (positions.push(page.position), events.length === 2 && page.position === end),
      );
      let end: Position | null = null;
      for (const [n, stream] of [wanted, newStream(), newStream(), wanted, newStream()].entries())
        await store.append(anAppend(stream, n === 3 ? 0 : NO_STREAM));
      end = await store.end();
      expect((await following).map(({ stream, revision }) => [stream, revision])).toEqual([
        [wanted, 0],
        [wanted, 1],
      ]);
      expect(positions.every((position, n) => n === 0 || (position ?? '') >= (positions[n - 1] ?? ''))).toBe(true);
    });

    test('an aborted follower ends at once and cleanly, also one that never began', async () => {
      const { store } = fixture();
      const stop = new AbortController();
      const ended = (async () => {
        for await (const page of store.follow({ after: await store.end(), signal: stop.signal }))
          expect(page.atEnd).toBe(true);
      })();
      await pause(50);
      const started = performance.now();
      stop.abort();
      await ended;
      expect(performance.now() - started).toBeLessThan(500);
      const late = await collect(store.follow({ after: null, signal: stop.signal }), () => true);
      expect(late).toEqual([]);
    });
  });
};
