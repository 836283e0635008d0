import { readLastCheckpoint, type CheckpointEvent } from '@rollbook/shared/audit/last-checkpoint';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import { rethrow } from '../read-model/database-faults.ts';

/** ms that an export waits for its checkpoint, and between two looks. */
const LIMIT = 10 * SECOND;
const LOOK = 100;

interface WaitParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly pool: Pool;
  readonly clock: Clock;
}

const leafOf = async (pool: Pool, eventId: string): Promise<number | null> => {
  const text = 'select leaf::float8 as leaf from read_model.audit_index where event_id = $1';
  const { rows } = await pool.query<{ leaf: number }>(text, [eventId]).catch(rethrow);
  return rows[0]?.leaf ?? null;
};

/** A checkpoint that covers this event, waited for at most 10 s; else null. Throws StoreUnavailable. */
export const waitForSeal = async (
  { log, pool, clock }: WaitParts,
  eventId: string,
): Promise<CheckpointEvent | null> => {
  const until = clock.now() + LIMIT;
  for (let leaf: number | null = null; ;) {
    leaf ??= await leafOf(pool, eventId);
    if (leaf !== null) {
      const { checkpoint } = await readLastCheckpoint(log);
      if (checkpoint && checkpoint.data.size > leaf) return checkpoint;
    }
    if (clock.now() >= until) return null;
    await clock.sleep(LOOK);
  }
};
