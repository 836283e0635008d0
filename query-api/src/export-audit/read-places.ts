import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { ExportParts } from './export-lines.ts';
import { readLeaves } from './read-leaves.ts';

/** Where the audit index says that an event stands. */
export interface Place {
  readonly leaf: number;
  readonly stream: string;
  readonly revision: number;
}

/** An event, and its leaf. */
export interface Found {
  readonly leaf: number;
  readonly event: StoredEvent;
}

type Parts = Pick<ExportParts, 'store' | 'pool'>;

/** Events read at the same time, each from its own stream: at most so many MiB. */
const AT_ONCE = 8;
/** Where at least one of so many neighbours is wanted, reading all of them is the cheaper way. */
const DENSE = 4;

async function* outOfLog(parts: Parts, places: readonly Place[], end: number): AsyncGenerator<readonly Found[], void> {
  const wanted = new Set(places.map(({ leaf }) => leaf));
  for await (const page of readLeaves(parts, places[0]?.leaf ?? end, end)) {
    const all = page.events.map((event, at) => ({ leaf: page.leaf + at, event }));
    yield all.filter(({ leaf }) => wanted.has(leaf));
  }
}

async function* outOfStreams({ store }: Parts, places: readonly Place[]): AsyncGenerator<readonly Found[], void> {
  for (let at = 0; at < places.length; at += AT_ONCE)
    yield await Promise.all(
      places.slice(at, at + AT_ONCE).map(async ({ leaf, stream, revision }) => {
        const [event] = await store.read(stream, { from: revision, limit: 1 });
        if (!event) throw new StoreUnavailable('The log does not hold what the audit index names');
        return { leaf, event };
      }),
    );
}

/** The events at these places, in their order, a few at a time. */
export const readPlaces = (parts: Parts, places: readonly Place[]): AsyncGenerator<readonly Found[], void> => {
  const [first, last] = [places[0]?.leaf ?? 0, places.at(-1)?.leaf ?? -1];
  const isDense = last - first < places.length * DENSE;
  return isDense ? outOfLog(parts, places, last + 1) : outOfStreams(parts, places);
};
