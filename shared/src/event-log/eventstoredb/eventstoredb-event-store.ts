import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import { APPEND_LIMIT, checkAppend } from '../check-append.ts';
import { ConfigError } from '../../process/start-error.ts';
import { AppendRefused, OutcomeUnknown, StoreUnavailable } from '../errors.ts';
import type { Position, StoredEvent } from '../event.ts';
import {
  NO_STREAM,
  type Append,
  type AppendResult,
  type EventStore,
  type FollowOptions,
  type LogPage,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '../port.ts';
import { appendWithRetries, type AppendParts, type ProposedAppend } from './append-with-retries.ts';
import { readConnectionSettings } from './connection-settings.ts';
import { Connection } from './connection.ts';
import { followRecords } from './follow-records.ts';
import { LiveTail } from './live-tail.ts';
import { LOG_IDENTITY } from './log-identity.ts';
import { readPage } from './read-page.ts';
import { readEvents } from './read-events.ts';
import { readLogPart, readStreamPart } from './read-records.ts';
import { isForbidden } from './server-fault.ts';
import { wantedBy } from './server-filter.ts';
import { toProposed, toStored } from './stored-form.ts';
import { checkStreamMetadata } from './stream-metadata.ts';

/** Most bytes of appends under way; what comes beyond is turned away at once. */
const WAITING_BYTES = 64 * 1024 * 1024;
const NO_RIGHT =
  'EVENT_STORE_URL: EventStoreDB refuses this name and password, or does not let them read $all (an ACL on $$$all does).';
/** Streams that `appendMany` writes at the same time. */
const LANES = 32;

export interface EventStoreDbOptions {
  /** A connection string: `esdb://…` or `esdb+discover://…`. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  /** `NODE_ENV`: the well-known password is accepted in `development` and `test` only. */
  readonly nodeEnv?: string | undefined;
  /** How long an append is tried, in ms. Default 5,000. */
  readonly deadline?: number;
  /** How long one try of an append is waited for, in ms. Default 1,500. */
  readonly answerLimit?: number;
  /** How long one read is waited for, in ms. Default 3,000. */
  readonly readLimit?: number;
}

/** The log in EventStoreDB, or in KurrentDB of its protocol. The database is meant for Rollbook alone. */
export class EventStoreDbEventStore implements EventStore {
  readonly #parts: AppendParts;
  readonly #tail: LiveTail;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #waitingBytes = 0;
  #logId: Promise<string> | undefined;
  #closed: Promise<void> | undefined;

  /** Connects with the first call. Throws ConfigError. */
  constructor(options: EventStoreDbOptions) {
    const { url, clock, random, nodeEnv, deadline = 5_000, answerLimit = 1_500, readLimit = 3_000 } = options;
    const connection = new Connection(readConnectionSettings(url, nodeEnv), clock);
    this.#parts = { connection, clock, random, deadline, answerLimit, readLimit };
    this.#tail = new LiveTail(this.#parts);
  }

  /** The id of the first event of a stream of its own, which the first to ask writes. Throws StoreUnavailable. */
  logId(): Promise<string> {
    this.#logId ??= this.#findLogId().catch((fault: unknown) => {
      this.#logId = undefined;
      throw fault;
    });
    return this.#logId;
  }

  async append(append: Append): Promise<AppendResult> {
    const text = checkAppend(append);
    return this.#submit(propose(append), text.length);
  }

  async appendMany(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    const checked = appends.map((append, index) => {
      const bytes = checkAppend(append).length;
      return { index, bytes, proposed: propose(append) };
    });
    const results: AppendResult[] = [];
    const lanes = [...Map.groupBy(checked, ({ proposed }) => proposed.stream).values()];
    const faults: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane && faults.length === 0; lane = lanes.shift())
        // One after the other: the second of a stream may build on the first.
        for (const { index, bytes, proposed } of lane) results[index] = await this.#submit(proposed, bytes);
    };
    const workers = Array.from({ length: LANES }, () => work().catch((fault: unknown) => faults.push(fault)));
    await Promise.all(workers);
    if (faults.length > 0) throw asWhole(faults[0], results.length > 0 || faults.length > 1);
    return results;
  }

  read(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    return readEvents(this.#parts, stream, options);
  }

  readAll(options: ReadAllOptions): Promise<LogPage> {
    return readPage(this.#parts, options);
  }

  /** Of the last record of any kind: system records move followers too. */
  async end(): Promise<Position | null> {
    const [last] = await readLogPart(this.#parts, { from: 'end', direction: 'backwards', count: 1 });
    return last?.place ?? null;
  }

  async *follow({ after, filter, signal, limit = 500, onFault }: FollowOptions): AsyncGenerator<LogPage, void> {
    const pages = followRecords(this.#parts, {
      after,
      wanted: wantedBy(filter),
      signal: AbortSignal.any([signal, this.#closing.signal]),
      limit,
      onFault: (fault) => onFault?.(fault),
      tail: this.#tail,
    });
    for await (const { records, position, atEnd } of pages) yield { events: records.map(toStored), position, atEnd };
  }

  /**
   * The check at start: our name and password may read the log, and no stream has a setting by which it loses events.
   * Throws ConfigError, StoreUnavailable. Gives false when a long log could not be looked through within `ms`.
   */
  async checkStreams(ms: number): Promise<boolean> {
    await this.end().catch((fault: unknown) => {
      throw Error.isError(fault) && isForbidden(fault.cause) ? new ConfigError(NO_RIGHT) : fault;
    });
    const done = new AbortController();
    void this.#parts.clock.sleep(ms, done.signal).then(() => done.abort());
    try {
      return await checkStreamMetadata(this.#parts, AbortSignal.any([done.signal, this.#closing.signal]));
    } finally {
      done.abort();
    }
  }

  /** Followers end; appends on their way are waited for; then every stream of the client is ended. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort();
      await Promise.allSettled(this.#underWay);
      await this.#parts.connection.close();
    })();
    return this.#closed;
  }

  async #submit(append: ProposedAppend, bytes: number): Promise<AppendResult> {
    if (this.#closed) throw new StoreUnavailable('The log was closed');
    if (this.#waitingBytes > WAITING_BYTES) throw new StoreUnavailable('Too many appends wait for the log already');
    this.#waitingBytes += bytes;
    const appending = appendWithRetries(this.#parts, append);
    this.#underWay.add(appending);
    try {
      return await appending;
    } finally {
      this.#underWay.delete(appending);
      this.#waitingBytes -= bytes;
    }
  }

  async #findLogId(): Promise<string> {
    const part = { stream: LOG_IDENTITY, from: 'start', direction: 'forwards', count: 1 } as const;
    const [first] = (await readStreamPart(this.#parts, part)) ?? [];
    if (first) return first.id;
    const id = this.#parts.random.uuid();
    const named = { id, type: 'LogNamed', contentType: 'application/json', data: {}, metadata: {} } as const;
    const append = { stream: LOG_IDENTITY, expectedRevision: NO_STREAM, events: [named] };
    const { outcome } = await this.#submit(append, 0);
    // A conflict: somebody else was first, and their id counts.
    return outcome === 'conflict' ? this.#findLogId() : id;
  }
}

const propose = ({ stream, expectedRevision, events }: Append): ProposedAppend => {
  const proposed = { stream, expectedRevision, events: events.map(toProposed) };
  // What the server counts: data, metadata and the type's name twice (wire 2.7).
  const counted = proposed.events.map(({ data, metadata, type }) => JSON.stringify([data, metadata, type, type]));
  if (counted.reduce((sum, text) => sum + Buffer.byteLength(text), 0) > APPEND_LIMIT)
    throw new AppendRefused(`An append to ${stream} of more than 1 MiB`);
  return proposed;
};

/** "Surely nothing was written" holds for one append; said of many, others of which stand in the log, it would be wrong. */
const asWhole = (fault: unknown, othersStored: boolean): unknown =>
  othersStored && Error.isError(fault) && fault.name !== AppendRefused.name
    ? new OutcomeUnknown('Some of the appends were written, others may be', { cause: fault })
    : fault;
