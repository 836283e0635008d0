import type pg from 'pg';
import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import { checkAppend } from '../check-append.ts';
import { AppendRefused, OutcomeUnknown, StoreUnavailable } from '../errors.ts';
import type { Position, StoredEvent } from '../event.ts';
import { followByReading } from '../follow-by-reading.ts';
import { News } from '../news.ts';
import { SharedTail } from '../shared-tail.ts';
import type {
  Append,
  AppendResult,
  EventStore,
  FollowOptions,
  LogPage,
  ReadAllOptions,
  ReadStreamOptions,
} from '../port.ts';
import { appendBatch } from './append-batch.ts';
import { AppendQueue } from './append-queue.ts';
import type { AppendQueueParts } from './retry-alone.ts';
import { logPool } from './log-connections.ts';
import { readEnd, readLogId, readStream, readWholeLog } from './read-events.ts';
import { WakeUpLine } from './wake-up-line.ts';

/** How often a follower at the log's end looks by itself, in ms: the lag while notifications are lost. */
const POLL_EVERY = 50;
/** Appends that `appendMany` hands in at once. */
const SHARE = 256;

export interface PostgresEventStoreOptions {
  /** Of the primary: a replica's end is not the log's end. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  /** How long an append is tried, in ms. Default 5,000. */
  readonly deadline?: number;
  /** As PostgreSQL's list of connections shows it. */
  readonly applicationName?: string;
  /** Most connections that read at the same time. Default 4; 2 more write, 1 more listens while somebody follows. */
  readonly readers?: number;
}

/** The log in one PostgreSQL table (`migrations/0001-event-log.up.sql`). */
export class PostgresEventStore implements EventStore {
  readonly countsPassed = true;
  readonly #clock: Clock;
  readonly #writers: pg.Pool;
  readonly #readers: pg.Pool;
  readonly #queue: AppendQueue;
  readonly #news: News;
  readonly #line: WakeUpLine;
  readonly #tail: SharedTail;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor({
    url,
    clock,
    random,
    deadline = 5_000,
    applicationName = 'rollbook-log',
    readers = 4,
  }: PostgresEventStoreOptions) {
    this.#clock = clock;
    this.#writers = logPool(url, applicationName, 2);
    this.#readers = logPool(url, applicationName, readers);
    const call: AppendQueueParts['call'] = (appends, timeLeft) => appendBatch(this.#writers, appends, timeLeft);
    this.#queue = new AppendQueue({ call, clock, random, deadline });
    this.#news = new News(clock);
    this.#line = new WakeUpLine({ url, applicationName, clock, news: this.#news });
    const read = (options: ReadAllOptions): Promise<LogPage> => this.readAll(options);
    this.#tail = new SharedTail({ read, news: this.#news, fresh: POLL_EVERY / 2, clock });
  }

  logId(): Promise<string> {
    return readLogId(this.#readers);
  }

  async append(append: Append): Promise<AppendResult> {
    const events = checkAppend(append);
    if (this.#closed) throw new StoreUnavailable('The log was closed');
    return this.#queue.submit({ stream: append.stream, expectedRevision: append.expectedRevision, events });
  }

  async appendMany(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    const checked = appends.map((append) => ({ ...append, events: checkAppend(append) }));
    const results: AppendResult[] = [];
    for (let start = 0; start < checked.length; start += SHARE) {
      if (this.#closed) throw new StoreUnavailable('The log was closed');
      const settled = await Promise.allSettled(
        checked.slice(start, start + SHARE).map((one) => this.#queue.submit(one)),
      );
      for (const one of settled) {
        if (one.status === 'fulfilled') results.push(one.value);
        else throw asWhole(one.reason, results.length > 0 || settled.some(({ status }) => status === 'fulfilled'));
      }
    }
    return results;
  }

  read(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    return readStream(this.#readers, stream, options);
  }

  readAll(options: ReadAllOptions): Promise<LogPage> {
    return readWholeLog(this.#readers, options);
  }

  /** Positions are dense: one for each event. */
  distance(from: Position | null, to: Position | null): number {
    return Number(to ?? 0) - Number(from ?? 0);
  }

  end(): Promise<Position | null> {
    return readEnd(this.#readers);
  }

  async *follow(options: FollowOptions): AsyncGenerator<LogPage, void> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const leave = this.#line.join((fault) => options.onFault?.(fault));
    const readAll = this.#tail.reader();
    try {
      yield* followByReading(
        { readAll, news: this.#news, pollEvery: POLL_EVERY, clock: this.#clock },
        { ...options, signal },
      );
    } finally {
      leave();
    }
  }

  /** Lets the appends on their way end, then closes all connections. Followers end. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort();
    await this.#queue.idle();
    await Promise.all([this.#line.close(), this.#writers.end(), this.#readers.end()]);
  }
}

/** "Surely nothing was written" holds for one append; said of many, others of which stand in the log, it would be wrong. */
const asWhole = (fault: unknown, otherStored: boolean): unknown =>
  otherStored && Error.isError(fault) && fault.name !== AppendRefused.name
    ? new OutcomeUnknown('Some of the appends were written, others may be', { cause: fault })
    : fault;
