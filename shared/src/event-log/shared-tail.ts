import type { Clock } from '../kernel/clock.ts';
import type { Position } from './event.ts';
import { passes } from './log-filter.ts';
import type { News } from './news.ts';
import type { LogPage, ReadAllOptions } from './port.ts';

type Read = (options: ReadAllOptions) => Promise<LogPage>;

interface Reading {
  readonly after: Position | null;
  /** How much news there was when it began. */
  readonly news: number;
  readonly page: Promise<LogPage>;
  /** By the clock in ms; undefined while it is under way. */
  endedAt: number | undefined;
}

export interface SharedTailParts {
  readonly read: Read;
  readonly news: News;
  /** How old a reading may be, in ms, for a follower that asks again without any news. */
  readonly fresh: number;
  readonly clock: Clock;
}

/**
 * What followers at the log's end read, once for all who stand at the same place: most of them wait there, and all are
 * woken by the same event. Everything new is read, and each takes what its filter lets through.
 */
export class SharedTail {
  readonly #parts: SharedTailParts;
  #last: Reading | undefined;

  constructor(parts: SharedTailParts) {
    this.#parts = parts;
  }

  /** How one follower reads: by itself until it has come to the log's end, and again whenever it falls behind. */
  reader(): Read {
    let atEnd = false;
    return async (options) => {
      // Who wants smaller or larger pages than the others reads them alone.
      const page = await (atEnd && options.limit === undefined ? this.#read(options) : this.#parts.read(options));
      atEnd = page.atEnd;
      return page;
    };
  }

  async #read({ after, filter }: ReadAllOptions): Promise<LogPage> {
    const { events, ...page } = await (this.#current(after) ?? this.#begin(after)).page;
    return { ...page, events: filter ? events.filter((event) => passes(filter, event)) : events };
  }

  /** The last reading, if it serves whoever stands there and has heard of all news. */
  #current(after: Position | null): Reading | undefined {
    const { news, fresh, clock } = this.#parts;
    const last = this.#last;
    if (last?.after !== after || last.news !== news.count) return undefined;
    return last.endedAt === undefined || clock.now() - last.endedAt < fresh ? last : undefined;
  }

  #begin(after: Position | null): Reading {
    const { read, news, clock } = this.#parts;
    const reading: Reading = { after, news: news.count, page: read({ after }), endedAt: undefined };
    this.#last = reading;
    reading.page.then(
      () => (reading.endedAt = clock.now()),
      // Who comes later tries anew.
      () => (reading.endedAt = -Infinity),
    );
    return reading;
  }
}
