import { NOTARY } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { MINUTE, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { CheckpointSink, PublishedCheckpoint } from './checkpoint-sink.ts';

export interface PushParts {
  readonly pool: Pool;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** ms between two looks for a new checkpoint. */
const LOOK = SECOND;
const FIRST_PAUSE = SECOND;
const LONGEST_PAUSE = MINUTE;
/** Checkpoints read at once. */
const PAGE = 50;

/** The sink did not take a checkpoint; it is tried again. */
export class SinkAway extends Error {
  override readonly name = 'SinkAway';
}

/**
 * Pushes every checkpoint of the log to a sink, in order, until the signal: what it took is saved after each, so nothing
 * is left out across a stop, and at most one comes twice. A sink that is away is tried again, with pauses from 1 s to a
 * minute. Never rejects.
 */
export const pushInOrder = async (parts: PushParts, sink: CheckpointSink, signal: AbortSignal): Promise<void> => {
  const { clock, onFault } = parts;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await pushNew(parts, sink, signal);
      failures = 0;
      await clock.sleep(LOOK, signal);
    } catch (fault) {
      if (isAborted(signal)) return;
      onFault(fault);
      await clock.sleep(Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE), signal);
    }
  }
};

/** A function, since the compiler takes a signal that was read once for unchangeable. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const pushNew = async ({ pool, log }: PushParts, sink: CheckpointSink, signal: AbortSignal): Promise<void> => {
  const logId = await log.logId();
  const place = [sink.name, logId];
  const { rows } = await pool.query<{ revision: number }>(
    'select revision from notary.sinks where sink = $1 and log_id = $2',
    place,
  );
  const [row] = rows;
  if (!row)
    await pool.query(
      'insert into notary.sinks (sink, log_id, revision) values ($1, $2, -1) on conflict do nothing',
      place,
    );
  let taken = row?.revision ?? -1;
  while (!signal.aborted) {
    const { events } = await log.read(NOTARY, { from: taken + 1, limit: PAGE });
    if (events.length === 0) return;
    for (const event of events) {
      if (isAborted(signal)) return;
      if (event.type === 'CheckpointSigned') await pushOne(pool, sink, place, event.data, signal);
      await pool.query(
        `update notary.sinks set revision = $3, pushed_at = now(), failing_since = null
         where sink = $1 and log_id = $2 and revision < $3`,
        [...place, event.revision],
      );
      taken = event.revision;
    }
  }
};

const pushOne = async (
  pool: Pool,
  sink: CheckpointSink,
  place: readonly string[],
  { size, note }: PublishedCheckpoint,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await sink.push({ size, note }, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    await pool.query(
      'update notary.sinks set failing_since = coalesce(failing_since, now()) where sink = $1 and log_id = $2',
      [...place],
    );
    throw new SinkAway(`${sink.name} did not take the checkpoint of ${String(size)} events`, { cause });
  }
};
