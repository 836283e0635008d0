import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { FollowerId } from '../follow-in-turn/position.ts';

export interface ForgetStatisticsOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly clock: Clock;
  /** Their tables hold plain values. */
  readonly readModels: readonly FollowerId[];
  readonly onFault: (fault: unknown) => void;
}

/** ms between two renewals: they read a sample of every table. */
const PAUSE = 10 * SECOND;
/** ms between two looks whether the read models have come so far. */
const LOOK = SECOND / 4;

/**
 * PostgreSQL's planner keeps samples of the values of every column, also of rows that are gone. So after each erasure the
 * statistics of the read models are made anew from the rows that are left, within seconds, until the signal; once at the
 * start for what a stop left behind. Two copies may do it at once. Never rejects.
 */
export const forgetInStatistics = async (options: ForgetStatisticsOptions, signal: AbortSignal): Promise<void> => {
  const { store, clock, onFault } = options;
  while (!signal.aborted) {
    try {
      const after = await store.end();
      await renewAfter(after, options, signal);
      for await (const page of store.follow({ after, filter: { types: ['PersonErased'] }, signal, onFault })) {
        if (page.events.length === 0) continue;
        await renewAfter(page.position, options, signal);
        await clock.sleep(PAUSE, signal);
      }
    } catch (fault) {
      onFault(fault);
      await clock.sleep(SECOND, signal);
    }
  }
};

const renewAfter = async (
  position: Position | null,
  { pool, clock, readModels }: ForgetStatisticsOptions,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !(await havePassed(position, pool, readModels))) await clock.sleep(LOOK, signal);
  const { rows } = await pool.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'read_model'",
  );
  for (const { name } of rows) if (!signal.aborted) await pool.query(`analyze ${name}`);
};

const havePassed = async (
  position: Position | null,
  pool: Pool,
  readModels: readonly FollowerId[],
): Promise<boolean> => {
  if (position === null) return true;
  const { rows } = await pool.query<{ passed: number }>(
    `select count(*)::int as passed from read_model.projections
     where name = any($1::text[]) and state = 'live' and position >= $2`,
    [readModels.map(({ name }) => name), position],
  );
  return rows[0]?.passed === readModels.length;
};
