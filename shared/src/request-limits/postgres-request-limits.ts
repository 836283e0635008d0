import type { QueryResultRow } from 'pg';
import { MINUTE, SECOND, toInstant, type Clock } from '../kernel/clock.ts';
import { waitAtMost } from '../kernel/in-time.ts';
import { repeat } from '../kernel/repeat.ts';
import { untilAborted } from '../kernel/until-aborted.ts';
import type { Pool } from '../sql/pool.ts';
import type { Counted, RequestLimits } from './request-limits.ts';
import { SettlementBook, type Due } from './settlement-book.ts';
import { standingOf, WindowCounts } from './window-counts.ts';

/** ms between two settlements. */
export const SETTLE = 2 * SECOND;
/** ms between a settlement that failed and the next try. */
const AFTER_FAULT = 10 * SECOND;
/** ms between two removals of counts whose window is over. */
const SWEEP = 10 * MINUTE;
/** Most ms from the signal to the end: nobody's end waits for a database that does not answer. */
const LAST = 2 * SECOND;
/** Senders in one statement. */
const BATCH = 1_000;

// In one order everywhere, so that two instances that settle at once do not wait for each other in a circle. The times are
// the instances': a count whose window is over for us begins anew.
const ADD = `
  insert into working.request_counts as known (name, count, ends_at)
  select s.name, s.count, s.ends_at from unnest($1::text[], $2::bigint[], $3::timestamptz[]) as s (name, count, ends_at)
  order by s.name
  on conflict (name) do update set
    count = case when known.ends_at > $4 then known.count + excluded.count else excluded.count end,
    ends_at = case when known.ends_at > $4 then known.ends_at else excluded.ends_at end
  returning name, count::float8, ends_at`;

// In the same order as ADD.
const ERASE = `
  delete from working.request_counts
  where name in (select name from working.request_counts where name = any($1) order by name for update)`;

// Who is being settled just now is removed the next time.
const SWEEP_AWAY = `
  delete from working.request_counts
  where name in (select name from working.request_counts where ends_at <= $1 order by name for update skip locked)`;

interface Row extends QueryResultRow {
  readonly name: string;
  readonly count: number;
  readonly ends_at: Date;
}

export interface PostgresRequestLimitsParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
  readonly counts?: WindowCounts;
}

/**
 * The limits of an installation with several instances. Each counts in its memory and adds what it counted to one table
 * every two seconds, which tells it what the others did: no request waits for the database or writes to it, and while it
 * is away each instance goes on by itself, and nobody is refused for that.
 *
 * The error: a sender who has used a fiftieth of their limit since the last time is settled the next time. So with n
 * instances a sender gets at most (n - 1) x (a fiftieth of the limit + what they send to one instance between two
 * settlements) requests too many in a window, and none with one. A crash forgets what was not settled.
 */
export class PostgresRequestLimits implements RequestLimits {
  readonly #parts: PostgresRequestLimitsParts;
  readonly #counts: WindowCounts;
  readonly #book = new SettlementBook();
  #erased: string[] = [];
  #sweptAt = -Infinity;

  constructor(parts: PostgresRequestLimitsParts) {
    this.#parts = parts;
    this.#counts = parts.counts ?? new WindowCounts();
  }

  async count(sender: Counted): Promise<ReturnType<typeof standingOf>> {
    const counted = await this.#counts.add(sender);
    const standing = standingOf(sender, counted);
    // What is refused needs nobody's knowledge.
    if (!standing.isOver) this.#book.note(sender, counted, this.#parts.clock.now());
    return standing;
  }

  forget(name: string): void {
    this.#book.forget(name);
    this.#erased.push(name);
    void this.#counts.forget(name);
  }

  /** Settles every two seconds until the signal, and then all that is left, for two seconds at most. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const settling = this.#settleUntil(signal, enough.signal);
    await untilAborted(settling, signal);
    await waitAtMost(this.#parts.clock, LAST, settling);
    enough.abort();
  }

  /** The last settlement comes after the one that is under way: beside it, it would send the same counts again. */
  async #settleUntil(signal: AbortSignal, enough: AbortSignal): Promise<void> {
    const { clock, onFault } = this.#parts;
    await repeat({ clock, onFault, signal, pause: AFTER_FAULT }, async () => {
      await this.settle();
      return SETTLE;
    });
    if (!enough.aborted) await this.settle('all').catch(onFault);
  }

  /** Adds what is due to the table, and takes over what the others added. Throws what PostgreSQL says. */
  async settle(which: 'due' | 'all' = 'due'): Promise<void> {
    const { pool, clock } = this.#parts;
    const now = clock.now();
    const due = this.#book.due(now, which);
    for (let first = 0; first < due.length; first += BATCH) await this.#add(due.slice(first, first + BATCH));
    // A copy: others may be erased meanwhile.
    const erased = [...this.#erased];
    // Last: whoever was settled a moment ago is among them.
    if (erased.length > 0) await pool.query(ERASE, [erased]);
    this.#erased = this.#erased.slice(erased.length);
    if (now < this.#sweptAt + SWEEP) return;
    await pool.query(SWEEP_AWAY, [toInstant(now)]);
    this.#sweptAt = now;
  }

  async #add(due: readonly Due[]): Promise<void> {
    const { pool, clock } = this.#parts;
    const { rows } = await pool.query<Row>(ADD, [
      due.map(({ name }) => name),
      due.map(({ unsettled }) => unsettled),
      due.map(({ endsAt }) => toInstant(endsAt)),
      toInstant(clock.now()),
    ]);
    for (const { name, count, ends_at: end } of rows) {
      const [now, endsAt] = [clock.now(), end.getTime()];
      const correction = this.#book.settled({ name, count, endsAt }, now);
      if (correction) this.#counts.correct(name, correction, endsAt - now);
    }
  }
}
