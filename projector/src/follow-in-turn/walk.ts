import type { Position } from '@rollbook/shared/event-log/event';
import type { FollowOptions, LogPage } from '@rollbook/shared/event-log/port';
import type { Move } from './position.ts';

/** What happens on the way through the log. */
export interface Walk<Page extends LogPage> {
  readonly pages: (options: FollowOptions) => AsyncIterable<Page>;
  readonly signal: AbortSignal;
  readonly onFault: (fault: unknown) => void;
  /** Called with every page, and with where it ends; `move` is null where that is where the one before ended. */
  handle(page: Page, move: Move | null, position: Position | null): Promise<void>;
}

type Way = Pick<FollowOptions, 'after' | 'filter' | 'limit'>;

/** Walks until the signal, or until a page that is far `enough`; gives where it stands then. */
const walk = async <Page extends LogPage>(
  work: Walk<Page>,
  way: Way,
  enough: (page: Page) => boolean,
): Promise<Position | null> => {
  const { pages, signal, onFault } = work;
  let position = way.after;
  // So that whoever reads ahead knows that nobody wants more.
  const leaving = new AbortController();
  try {
    for await (const page of pages({ ...way, onFault, signal: AbortSignal.any([signal, leaving.signal]) })) {
      if (signal.aborted) break;
      const move = moveOver(position, page);
      position = move?.to ?? position;
      await work.handle(page, move, position);
      if (enough(page)) leaving.abort();
      if (leaving.signal.aborted) break;
    }
  } finally {
    leaving.abort();
  }
  return position;
};

/** Walks until the log's end, or the signal. */
export const walkToEnd = <Page extends LogPage>(work: Walk<Page>, way: Way): Promise<Position | null> =>
  walk(work, way, (page) => page.atEnd);

/** Walks until the signal. */
export const walkOn = <Page extends LogPage>(work: Walk<Page>, way: Way): Promise<Position | null> =>
  walk(work, way, () => false);

/** Walks until it stands at or beyond the goal, or until the signal. */
export const walkTo = <Page extends LogPage>(work: Walk<Page>, way: Way, goal: Position): Promise<Position | null> =>
  walk(work, way, ({ position }) => position !== null && position >= goal);

/** How the page moves the position, or null when it does not. */
const moveOver = (from: Position | null, page: LogPage): Move | null => {
  if (page.position === null || page.position === from) return null;
  const time = page.events.at(-1)?.recordedAt ?? null;
  return { from, to: page.position, time, events: page.passed ?? page.events.length, atEnd: page.atEnd };
};
