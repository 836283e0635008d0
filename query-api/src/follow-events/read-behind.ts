import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { PUBLIC_STREAMS, publicStretch, type Stretch } from './public-stretch.ts';

/** Pages that are read at the same time: the log's other readers must not wait for those who catch up. */
const AT_ONCE = 2;
/** Events in a page. */
const PAGE = 200;

export interface ReadStretch extends Stretch {
  readonly atEnd: boolean;
}

/** Reads the log for those who are further back than the tail: page by page, and few of them at once. */
export class ReadBehind {
  readonly #store: Pick<EventStore, 'readAll'>;
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  constructor(store: Pick<EventStore, 'readAll'>) {
    this.#store = store;
  }

  /** Throws OtherLog where the log can tell that it has no such place; StoreUnavailable. */
  async probe(place: Position): Promise<void> {
    await this.#store.readAll({ after: place, limit: 1 });
  }

  /** What comes after this place. Throws StoreUnavailable, OtherLog, UnreadableEvent. */
  async after(place: Position | null): Promise<ReadStretch> {
    if (this.#reading < AT_ONCE) this.#reading += 1;
    // Whoever ends hands its turn on.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const page = await this.#store.readAll({ after: place, filter: PUBLIC_STREAMS, limit: PAGE });
      const stretch = publicStretch(page);
      return { ...stretch, atEnd: page.atEnd && stretch.position === page.position };
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#reading -= 1;
    }
  }
}
