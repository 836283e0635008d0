import type { EventStoreDBClient } from '@eventstore/db-client';
import { OVER } from '../../kernel/in-time.ts';
import type { Position } from '../event.ts';
import { News } from '../news.ts';
import { AllSubscription } from './all-subscription.ts';
import { later } from './log-place.ts';
import { BEAT, FIRST_BEAT, lookOn, PATIENCE, type Seen } from './look-on.ts';
import type { PlacedRecord, ReadParts } from './read-records.ts';
import { isOfDiscovery, isSilence, NoAnswer } from './server-fault.ts';
import { wantedBy, type Wanted } from './server-filter.ts';

/** Least ms between two looks, however much comes. */
const NEXT_LOOK = 60;
/** Most records that are kept for those who have not taken them yet. */
export const KEPT = 512;

const EVERYTHING = wantedBy(undefined);

/** True where everything up to `place` lies at or before `position`. */
const isReached = (position: Position | null, place: Position | null): boolean =>
  place === null || (position !== null && position >= place);

/**
 * One subscription to everything, and the last of what came. It is filled while anybody takes from it, and is over with
 * its first fault: whoever took from it then goes on alone.
 */
export class TailRun {
  readonly news: News;
  readonly #parts: ReadParts;
  readonly #client: EventStoreDBClient;
  readonly #ending = new AbortController();
  readonly #records: PlacedRecord[] = [];
  /** Whatever came after it is kept. */
  #start: Position | null;
  #reached: Position | null;
  #look: { readonly number: number; readonly end: Position | null | undefined } = { number: 0, end: undefined };
  #isLooking = false;
  #owedSince: number | undefined;
  #fault: Error | undefined;
  #isOver = false;

  constructor(parts: ReadParts, after: Position | null) {
    this.#parts = parts;
    this.#client = parts.connection.client;
    this.news = new News(parts.clock);
    this.#start = after;
    this.#reached = after;
    void this.#fill();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws what ended it, if that was a fault. */
  throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** How often the log's end was looked at. */
  get looks(): number {
    return this.#look.number;
  }

  /** Whether everything after the position is kept or yet to come. */
  holds(position: Position | null): boolean {
    return isReached(position, this.#start);
  }

  /** Whether the position stands where the last look saw the log's end, or beyond. */
  isEnd(position: Position | null): boolean {
    return this.#look.end !== undefined && isReached(position, this.#look.end);
  }

  /** What came after the position and is wanted, at most `limit`, and how far that goes. */
  take(
    after: Position | null,
    wanted: Wanted,
    limit: number,
  ): { readonly records: readonly PlacedRecord[]; readonly position: Position | null } {
    // From the end, where most who ask stand.
    const last = this.#records.findLastIndex(({ place }) => isReached(after, place));
    const records: PlacedRecord[] = [];
    for (const record of this.#records.slice(last + 1)) {
      if (!wanted.isWanted(record)) continue;
      records.push(record);
      if (records.length === limit) return { records, position: record.place };
    }
    return { records, position: later(after, this.#reached) };
  }

  /** Nobody takes from it any more. */
  stop(): void {
    this.#end(undefined);
  }

  #end(fault: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (fault !== undefined) this.#fault = Error.isError(fault) ? fault : new NoAnswer(JSON.stringify(fault));
    const { connection } = this.#parts;
    if (isSilence(fault)) connection.noteSilence(this.#client);
    if (isOfDiscovery(fault)) connection.replace(this.#client);
    this.#ending.abort(OVER);
    this.news.announce();
  }

  async #fill(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#ending;
    let subscription: AllSubscription | undefined;
    try {
      subscription = new AllSubscription(this.#client, clock, { wanted: EVERYTHING, after: this.#start, buffer: KEPT });
      let lookedAt = -Infinity;
      let lookAt = clock.now() + FIRST_BEAT;
      while (!this.#isOver) {
        const taken = subscription.take(KEPT);
        if (taken.length > 0) {
          this.#keep(taken);
          // A steady stream of events does not put the look off for ever, nor make one for each.
          lookAt = Math.min(lookAt, Math.max(clock.now(), lookedAt + NEXT_LOOK) + FIRST_BEAT);
        }
        if (clock.now() >= lookAt) {
          lookedAt = clock.now();
          lookAt = lookedAt + BEAT;
          void this.#lookOn(subscription);
        }
        await subscription.wait(Math.max(1, lookAt - clock.now()), signal);
      }
    } catch (fault) {
      this.#end(fault);
    } finally {
      subscription?.close();
    }
  }

  #keep(taken: readonly PlacedRecord[]): void {
    this.#owedSince = undefined;
    for (const record of taken) {
      // What a server sends twice, or from before our place, was kept already.
      if (isReached(this.#reached, record.place)) continue;
      this.#reached = record.place;
      if (EVERYTHING.isWanted(record)) this.#records.push(record);
    }
    const tooMany = Math.max(0, this.#records.length - KEPT);
    this.#start = this.#records.splice(0, tooMany).at(-1)?.place ?? this.#start;
    this.news.announce();
  }

  /** Beside what comes meanwhile. Never rejects. */
  async #lookOn(subscription: AllSubscription): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const after = this.#reached;
    try {
      const seen = await lookOn(this.#parts, { after, passed: subscription.passed, wanted: EVERYTHING });
      if (!this.#isOver) this.#note(seen, after);
    } catch (fault) {
      this.#end(fault);
    } finally {
      this.#isLooking = false;
    }
  }

  #note({ position, atEnd, end }: Seen, after: Position | null): void {
    const { clock } = this.#parts;
    const isOwed = !atEnd && position === after && this.#reached === after;
    this.#owedSince = isOwed ? (this.#owedSince ?? clock.now()) : undefined;
    if (this.#owedSince !== undefined && clock.now() - this.#owedSince > PATIENCE)
      throw new NoAnswer('The subscription is silent, though the log has more');
    this.#reached = later(this.#reached, position);
    this.#look = { number: this.#look.number + 1, end };
    this.news.announce();
  }
}
