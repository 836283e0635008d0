import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { progressTeller } from '@rollbook/shared/process/progress-line';
import type { Pool } from '@rollbook/shared/sql/pool';

const LOOK = 500;
/** A projector that moves nothing for so long (ms) is taken for one that does not run. */
const PATIENCE = 60_000;

export interface UntilProjectedParts {
  readonly store: Pick<EventStore, 'end'>;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The relay and the destroyer of keys follow the log too, but nobody reads them. */
const BEHIND = `
  select count(*) filter (where position is null or position < $1)::integer as behind, min(coalesce(position, '')) as slowest,
    coalesce(min(events_count), 0)::float8 as events
  from read_model.projections
  where state = 'live' and name not in ('relay', 'destroy-keys')`;

interface Row {
  readonly behind: number;
  readonly slowest: string | null;
  readonly events: number;
}

/**
 * Waits until every read model has reached what is the log's end now. `events`: of the log, as far as it is known, for
 * the progress. False when nothing moved for a minute: no projector runs, or it is stuck.
 */
export const untilProjected = async (parts: UntilProjectedParts, events: number): Promise<boolean> => {
  const { store, pool, clock, say, signal } = parts;
  const end = await store.end();
  const look = async (): Promise<Row> => {
    const { rows } = await pool.query<Row>(BEHIND, [end]);
    return rows[0] ?? { behind: 1, slowest: null, events: 0 };
  };
  let row = await look();
  const first = row.events;
  const total = Math.max(first + events, row.events);
  const tell = progressTeller(clock, say, first);
  for (let movedAt = clock.now(); row.behind > 0 || row.slowest === null;) {
    if (signal.aborted || clock.now() - movedAt > PATIENCE) return false;
    tell({
      done: Math.min(row.events, total),
      of: total,
      what: 'events in the slowest read model',
      rated: row.events - first,
      rateOf: 'events',
    });
    await clock.sleep(LOOK, signal);
    const now = await look();
    if (now.slowest !== row.slowest || now.behind !== row.behind) movedAt = clock.now();
    row = now;
  }
  return true;
};
