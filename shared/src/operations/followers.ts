import type { Client, Pool } from '../sql/pool.ts';

/** Where a follower of the log stands, as it noted it itself. Times RFC 3339 UTC. */
export interface FollowerStanding {
  readonly name: string;
  readonly version: number;
  readonly state: 'building' | 'live' | 'retired';
  readonly position: string | null;
  /** ms since it was known to stand at the log's end; up to about 1,000 while nothing new comes. */
  readonly lag_ms: number;
  readonly at_end_at: string | null;
  /** Since when it finds that the log does not hold its position. null: it does. */
  readonly other_log_at: string | null;
  readonly parked_events: number;
  readonly parked_people: number;
}

/** Selects a FollowerStanding per row. By the database's clock on both sides: `at_end_at` is written with its now(). */
export const FOLLOWERS = `
  select p.name, p.version, p.state, p.position, p.at_end_at, p.other_log_at,
    greatest(0, floor(extract(epoch from clock_timestamp() - coalesce(p.at_end_at, p.started_at)) * 1000))::float8 as lag_ms,
    count(e.event_id)::int as parked_events, count(distinct e.person)::int as parked_people
  from read_model.projections p
  left join read_model.parked_events e on e.name = p.name and e.version = p.version
  where p.state <> 'retired'
  group by p.name, p.version
  order by p.name, p.version`;

type Row = Omit<FollowerStanding, 'at_end_at' | 'other_log_at'> & Record<'at_end_at' | 'other_log_at', Date | null>;

/** Every follower of the log that keeps its place in the database: the read models, the relay, the destroyer of keys. */
export const readFollowers = async (database: Pool | Client): Promise<readonly FollowerStanding[]> => {
  const { rows } = await database.query<Row>(FOLLOWERS);
  return rows.map((row) => ({
    ...row,
    at_end_at: row.at_end_at?.toISOString() ?? null,
    other_log_at: row.other_log_at?.toISOString() ?? null,
  }));
};
