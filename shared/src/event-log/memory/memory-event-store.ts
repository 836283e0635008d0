import type { Clock } from '../../kernel/clock.ts';
import { checkAppend } from '../check-append.ts';
import { AppendRefused } from '../errors.ts';
import type { Position, StoredEvent, UnplacedEvent } from '../event.ts';
import { followByReading } from '../follow-by-reading.ts';
import { passes } from '../log-filter.ts';
import { News } from '../news.ts';
import {
  type Append,
  type AppendResult,
  type EventStore,
  type FollowOptions,
  type LogPage,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '../port.ts';

const positionAt = (index: number): Position => String(index + 1).padStart(20, '0') as Position;

/**
 * A log that ends with the process. Same promises as the others; equal calls in equal order give equal answers, and
 * only `follow` uses the clock.
 */
export class MemoryEventStore implements EventStore {
  readonly #all: StoredEvent[] = [];
  readonly #byId = new Map<string, StoredEvent>();
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #clock: Clock;
  readonly #news: News;
  readonly #logId: string;

  constructor({ clock, logId = '00000000-0000-4000-8000-000000000000' }: { clock: Clock; logId?: string }) {
    this.#clock = clock;
    this.#news = new News(clock);
    this.#logId = logId;
  }

  logId(): Promise<string> {
    return Promise.resolve(this.#logId);
  }

  async append(append: Append): Promise<AppendResult> {
    const [result] = await this.appendMany([append]);
    if (!result) throw new AppendRefused('Unreachable: one append has one result');
    return result;
  }

  // Async, so that a refusal rejects instead of throwing at the caller.
  // eslint-disable-next-line @typescript-eslint/require-await
  async appendMany(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    const checked = appends.map((append) => ({ append, text: checkAppend(append) }));
    return checked.map(({ append, text }) => this.#appendOne(append, text));
  }

  #appendOne({ stream, expectedRevision, events }: Append, text: string): AppendResult {
    const before = this.#streams.get(stream) ?? [];
    const known = events.map((event) => this.#byId.get(event.id));
    const inPlace = events.every(({ revision }, index) => {
      const stored = known[index];
      return stored?.stream === stream && stored.revision === revision;
    });
    const revision = expectedRevision + events.length;
    if (inPlace) return { outcome: 'already-stored', revision, position: known.at(-1)?.position };
    const last = before.length - 1;
    if (last !== expectedRevision || known.some((stored) => stored)) return { outcome: 'conflict', revision: last };
    // Copies, so that a caller who changes its object does not change the log.
    for (const event of JSON.parse(text) as UnplacedEvent[]) {
      const stored = { ...event, position: positionAt(this.#all.length) };
      this.#all.push(stored);
      this.#byId.set(stored.id, stored);
      before.push(stored);
    }
    this.#streams.set(stream, before);
    this.#news.announce();
    return { outcome: 'stored', revision, position: this.#all.at(-1)?.position };
  }

  read(stream: string, { from, direction, limit }: ReadStreamOptions = {}): Promise<readonly StoredEvent[]> {
    const events = this.#streams.get(stream) ?? [];
    const wanted =
      direction === 'backwards' ? events.slice(0, (from ?? Infinity) + 1).reverse() : events.slice(from ?? 0);
    return Promise.resolve(wanted.slice(0, limit));
  }

  readAll({ after, filter, limit = 500, bytes = Infinity }: ReadAllOptions): Promise<LogPage> {
    const events: StoredEvent[] = [];
    let index = after === null ? 0 : Number(after);
    let size = 0;
    for (; index < this.#all.length && events.length < limit && size < bytes; index += 1) {
      const event = this.#all[index];
      if (!event || !passes(filter, event)) continue;
      events.push(event);
      size += JSON.stringify(event).length;
    }
    const position = index === 0 ? null : positionAt(index - 1);
    return Promise.resolve({ events, position, atEnd: index >= this.#all.length });
  }

  end(): Promise<Position | null> {
    return Promise.resolve(this.#all.at(-1)?.position ?? null);
  }

  follow(options: FollowOptions): AsyncIterable<LogPage> {
    // In one process no announcement is lost: without one, only the sign of life is due.
    const parts = {
      readAll: (read: ReadAllOptions) => this.readAll(read),
      news: this.#news,
      pollEvery: 200,
      clock: this.#clock,
    };
    return followByReading(parts, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
