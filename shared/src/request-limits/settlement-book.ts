import { SECOND } from '../kernel/clock.ts';
import { forgetOldest } from '../kernel/forget-oldest.ts';
import type { Counted, WindowCount } from './request-limits.ts';

/** Who has this share of their limit unsettled is settled next. */
const SHARE = 50;
/** ms after which somebody with anything unsettled is settled, so that what they are told stays near the truth. */
const PATIENCE = 30 * SECOND;
/** Senders of one kind that are kept; beyond that the one noted first is forgotten. */
const MOST = 100_000;

interface Entry {
  readonly isAddress: boolean;
  readonly perHour: number;
  /** Of the window, ms since 1970. */
  endsAt: number;
  /** Requests that the table does not know of. */
  unsettled: number;
  /** Those of them that are on their way to it. */
  sent: number;
  /** The table's count as it was last heard. */
  settled: number;
  /** ms since 1970. */
  settledAt: number;
}

/** What is to be added to the table. */
export interface Due {
  readonly name: string;
  readonly unsettled: number;
  readonly endsAt: number;
}

/** What the table said after an addition. */
export interface Settled {
  readonly name: string;
  /** Of all instances. */
  readonly count: number;
  readonly endsAt: number;
}

/** What an instance has to add to its count; or, where the others' window is another one, the count to go on from. */
export type Correction = { readonly add: number } | { readonly count: number };

/**
 * What an instance has counted and not told the others, by sender. Addresses are kept apart, so that a flood of them pushes
 * out nobody else.
 */
export class SettlementBook {
  readonly #most: number;
  readonly #people = new Map<string, Entry>();
  readonly #addresses = new Map<string, Entry>();

  constructor({ most = MOST }: { readonly most?: number } = {}) {
    this.#most = most;
  }

  /** One more request, as it was counted. */
  note({ name, isAddress, perHour }: Counted, counted: WindowCount, now: number): void {
    const { consumedPoints, msBeforeNext, isFirstInDuration } = counted;
    const entries = isAddress ? this.#addresses : this.#people;
    const known = entries.get(name);
    if (known && !isFirstInDuration) {
      known.unsettled += 1;
      return;
    }
    entries.delete(name);
    entries.set(name, {
      ...{ isAddress, perHour, endsAt: now + msBeforeNext },
      // Of whoever was pushed out, all that this instance counts before this request is taken as settled: the table has
      // it, or will never hear of it. What it says is then not added a second time.
      ...{ unsettled: 1, sent: 0, settled: consumedPoints - 1, settledAt: -Infinity },
    });
    forgetOldest(entries, this.#most);
  }

  forget(name: string): void {
    this.#people.delete(name);
    this.#addresses.delete(name);
  }

  /** Who is to be settled now. What lies in a window that is over does not matter any more. */
  due(now: number, which: 'due' | 'all'): readonly Due[] {
    const due: Due[] = [];
    for (const [name, entry] of this.#all()) {
      if (entry.endsAt <= now) this.forget(name);
      else if (entry.unsettled > 0 && (which === 'all' || isDue(entry, now))) {
        entry.sent = entry.unsettled;
        due.push({ name, unsettled: entry.unsettled, endsAt: entry.endsAt });
      }
    }
    return due;
  }

  /** Notes what the table said. null: nothing is to be corrected. */
  settled({ name, count, endsAt }: Settled, now: number): Correction | null {
    const entry = this.#people.get(name) ?? this.#addresses.get(name);
    // Of a window that has ended meanwhile, for us or for whoever wrote the row.
    if (!entry || entry.sent === 0 || endsAt <= now) return null;
    const isSame = endsAt === entry.endsAt;
    const known = entry.settled + entry.sent;
    entry.unsettled -= entry.sent;
    // Within one window a table that says less than before has lost its rows.
    entry.settled = isSame ? Math.max(count, known) : count;
    Object.assign(entry, { sent: 0, endsAt, settledAt: now });
    if (!isSame) return { count: count + entry.unsettled };
    return count > known ? { add: count - known } : null;
  }

  *#all(): Generator<[string, Entry]> {
    yield* this.#people;
    yield* this.#addresses;
  }
}

/**
 * People and keys at once when they are new here, and then now and again. Addresses only for what they use: there may be
 * any number, and a row for each that comes once would be the writing that this is to spare.
 */
const isDue = ({ isAddress, perHour, unsettled, settledAt }: Entry, now: number): boolean =>
  unsettled * SHARE >= perHour || (!isAddress && settledAt <= now - PATIENCE);
