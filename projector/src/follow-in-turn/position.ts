import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import type { Client, Pool } from '@rollbook/shared/sql/pool';

/** Which follower: a row of `read_model.projections`. */
export interface FollowerId {
  readonly name: string;
  readonly version: number;
}

/**
 * Somebody else moved the position on: another copy of this follower leads, or a version that was built beside this one
 * has taken its place. Whoever meets this must stop.
 */
export class PositionMoved extends Error {
  override readonly name = 'PositionMoved';
}

/** Makes the follower known, if it is new, and gives its position. Throws OtherLog. */
export const loadPosition = async (pool: Pool, follower: FollowerId, logId: string): Promise<Position | null> => {
  const id = [follower.name, follower.version];
  await pool.query(
    `insert into read_model.projections (name, version, state, log_id) values ($1, $2, 'live', $3)
     on conflict (name, version) do nothing`,
    [...id, logId],
  );
  const { rows } = await pool.query<{ log_id: string; position: Position | null }>(
    'select log_id, position from read_model.projections where name = $1 and version = $2',
    id,
  );
  const [row] = rows;
  if (row?.log_id !== logId) throw new OtherLog(`The position of ${follower.name} belongs to another event log`);
  return row.position;
};

/** Which version of a follower is live; its own where it is new. */
export const liveVersionOf = async (pool: Pool, { name, version }: FollowerId): Promise<number> => {
  const { rows } = await pool.query<{ version: number }>(
    "select version from read_model.projections where name = $1 and state = 'live'",
    [name],
  );
  return rows[0]?.version ?? version;
};

export interface Move {
  readonly from: Position | null;
  readonly to: Position;
  /** RFC 3339: when the last event was recorded; null: as before. */
  readonly time: string | null;
  /** How many events were passed. */
  readonly events: number;
  readonly atEnd: boolean;
}

/** What a move `m` makes of a row `p`. */
export const MOVED = `position = m.next, position_time = coalesce(m.time, p.position_time),
  events_count = p.events_count + m.events, at_end_at = case when m.at_end then now() else p.at_end_at end,
  other_log_at = null`;

const SAVE = `
  update read_model.projections p set ${MOVED}
  from (select $4::text as next, $5::timestamptz as time, $6::bigint as events, $7::boolean as at_end) m
  where p.name = $1 and p.version = $2 and p.position is not distinct from $3`;

/** Moves the position on, only from where it was seen last. Throws PositionMoved. */
export const savePosition = async (database: Pool | Client, follower: FollowerId, move: Move): Promise<void> => {
  const values = [follower.name, follower.version, move.from, move.to, move.time, move.events, move.atEnd];
  const { rowCount } = await database.query({ name: 'save-position', text: SAVE, values });
  if (rowCount !== 1) throw new PositionMoved(`Another copy of ${follower.name} moved its position on`);
};

/** Notes that the follower stands at the log's end now, though nothing new came. Throws PositionMoved. */
export const noteAtEnd = async (pool: Pool, follower: FollowerId, position: Position | null): Promise<void> => {
  const { rowCount } = await pool.query(
    `update read_model.projections set at_end_at = now(), other_log_at = null
     where name = $1 and version = $2 and position is not distinct from $3`,
    [follower.name, follower.version, position],
  );
  if (rowCount !== 1) throw new PositionMoved(`Another copy of ${follower.name} moved its position on`);
};

/**
 * Notes that the log does not hold the follower's position, so that nobody takes what it wrote for a shape of this log.
 * The note goes with the next event that it handles, or the next look at the log's end.
 */
export const noteOtherLog = async (pool: Pool, follower: Pick<FollowerId, 'name'>): Promise<void> => {
  await pool.query(
    `update read_model.projections set other_log_at = now()
     where name = $1 and state = 'live' and other_log_at is null`,
    [follower.name],
  );
};
