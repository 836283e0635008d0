import type { Position } from '@rollbook/shared/event-log/event';
import type { Pool } from '@rollbook/shared/sql/pool';
import { SEALING, type Unsealed } from './due.decide.ts';

/** How the index of the log stands, in one snapshot. */
export interface IndexState extends Unsealed {
  /** How many leaves it has. */
  readonly size: number;
  /** Everything up to here is in; null: nothing. */
  readonly position: Position | null;
}

interface Row {
  readonly size: string;
  readonly position: Position | null;
  readonly events: number;
  readonly oldest: Date | null;
  readonly exported: boolean | null;
}

// Whatever lies beyond the rows looked at: there are more than enough then for a checkpoint.
const UNSEALED = `
  select (select coalesce(max(leaf) + 1, 0) from read_model.audit_index) as size, p.position, u.events, u.oldest, u.exported
  from read_model.projections p, (
    select count(*)::int as events, min(recorded_at) as oldest, bool_or(type = 'AuditExported') as exported
    from (select type, recorded_at from read_model.audit_index where leaf >= $1 order by leaf limit $2) as late
    where type <> 'CheckpointSigned'
  ) u
  where p.name = 'audit_index' and p.state = 'live' and p.log_id = $3 and p.other_log_at is null`;

/** Rows looked at: enough that a checkpoint is due, and so few that a look costs nothing, however many there are. */
const ROWS = SEALING.most + 100;

/** Looks at the first leaves from `sealed` on. null while there is no index of this log. */
export const readUnsealed = async (
  pool: Pool,
  { logId, sealed }: { readonly logId: string; readonly sealed: number },
): Promise<IndexState | null> => {
  const { rows } = await pool.query<Row>(UNSEALED, [sealed, ROWS, logId]);
  const [row] = rows;
  if (!row) return null;
  const { size, position, events, oldest, exported } = row;
  return { size: Number(size), position, events, oldest: oldest?.toISOString() ?? null, exported: exported ?? false };
};
