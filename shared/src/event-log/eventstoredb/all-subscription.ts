import type { AllStreamSubscription, EventStoreDBClient, Position as LogPosition } from '@eventstore/db-client';
import type { Clock } from '../../kernel/clock.ts';
import type { Position } from '../event.ts';
import { News } from '../news.ts';
import { isPlace, toPlace, toPosition } from './log-place.ts';
import type { PlacedRecord } from './read-records.ts';
import type { Wanted } from './server-filter.ts';

/** The server ended the subscription without an error: to the client that looks like an end that we asked for. */
export class SubscriptionEnded extends Error {
  override readonly name = 'SubscriptionEnded';
}

/** One subscription to `$all`, taken from at the consumer's pace. Always `close` it: leaving it does not end the call. */
export class AllSubscription {
  readonly #stream: AllStreamSubscription;
  readonly #news: News;
  #fault: Error | undefined;
  #ended = false;
  #taken = 0;
  /** A checkpoint overtakes events that wait in the client's buffer: it counts once they are taken. */
  #pending: { readonly place: Position; readonly behind: number } | undefined;
  #passed: Position | null = null;

  constructor(
    client: EventStoreDBClient,
    clock: Clock,
    { wanted, after, buffer }: { wanted: Wanted; after: Position | null; buffer: number },
  ) {
    this.#news = new News(clock);
    this.#stream = client.subscribeToAll(
      {
        fromPosition: after === null ? 'start' : toPlace(after),
        filter: wanted.toServer((position) => this.#remember(position)),
        requiresLeader: true,
      },
      { highWaterMark: buffer },
    );
    const wake = (): void => this.#news.announce();
    this.#stream.on('error', (fault: Error) => {
      this.#fault ??= fault;
      wake();
    });
    const end = (): void => {
      this.#ended = true;
      wake();
    };
    this.#stream.on('end', end).on('close', end).on('readable', wake);
  }

  /** Records that have arrived, at most `limit`, in order. Throws the subscription's fault once nothing else is left. */
  take(limit: number): readonly PlacedRecord[] {
    const records: PlacedRecord[] = [];
    while (records.length < limit) {
      const item = this.#stream.read() as { readonly event?: PlacedRecord } | null;
      if (item === null) break;
      this.#taken += 1;
      if (item.event) records.push({ ...item.event, place: toPosition(item.event.position) });
    }
    if (records.length > 0) return records;
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#ended) throw new SubscriptionEnded('The server ended the subscription');
    return records;
  }

  /** Everything up to here was considered, and what matched was taken; null before the first checkpoint. */
  get passed(): Position | null {
    this.#promote();
    return this.#passed;
  }

  /** Waits for something to take, for `ms`, or for the signal. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.hasNews()) return;
    await this.#news.wait(this.#news.count, ms, signal);
  }

  hasNews(): boolean {
    return this.#stream.readableLength > 0 || this.#fault !== undefined || this.#ended;
  }

  close(): void {
    void this.#stream.unsubscribe().catch(() => undefined);
    this.#stream.destroy();
  }

  #promote(): void {
    if (!this.#pending || this.#pending.behind > this.#taken) return;
    this.#passed = this.#pending.place;
    this.#pending = undefined;
  }

  /** Must not throw: that would be a rejection that nobody handles. */
  #remember(position: LogPosition): void {
    if (!isPlace(position)) return;
    this.#promote();
    this.#pending = { place: toPosition(position), behind: this.#taken + this.#stream.readableLength };
  }
}
