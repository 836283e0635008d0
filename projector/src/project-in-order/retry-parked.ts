import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { FollowerId } from '../follow-in-turn/position.ts';
import { applyOpened, openConcerned, type PageTools } from './apply-page.ts';
import { noteTried, readParked, takeParked, type ParkedEvent } from './parked-events.ts';
import type { ReadModel } from './read-model.ts';

export interface RetryTools extends PageTools {
  readonly pool: Pool;
}

/** How many of a person's parked events were applied, and how many are parked still. */
export interface Retried {
  readonly applied: number;
  readonly parked: number;
}

/**
 * Applies a person's parked events to the live version again, in the log's order, in one transaction that holds the read
 * model's place: so no page of the log comes in between, whoever follows it. What fails again stays parked, with the new
 * reason, and all that is later behind it.
 */
export const retryParked = async (tools: RetryTools, person: string): Promise<Retried> => {
  for (;;) {
    const id = await liveVersion(tools.pool, tools.readModel);
    const places = id ? await readParked(tools.pool, id, person) : [];
    if (id === null || places.length === 0) return { applied: 0, parked: 0 };
    // The log and the keys are asked before the transaction, which then holds up nobody for longer than it writes.
    const stored = await Promise.all(places.map((place) => readFromLog(tools, place)));
    const opened = await openConcerned(stored, tools);
    const still = await withTransaction(tools.pool, async (client) => {
      const now = await liveVersion(client, tools.readModel, 'for update');
      if (now?.version !== id.version || !isSame(places, await readParked(client, id, person))) return null;
      await takeParked(client, id, person);
      await applyOpened(client, opened, { ...tools, readModel: { ...tools.readModel, ...id } });
      await noteTried(client, id, places);
      return (await readParked(client, id, person)).length;
    });
    // Meanwhile another was parked behind them, somebody else was faster, or another version went live.
    if (still !== null) return { applied: places.length - still, parked: still };
  }
};

const liveVersion = async (
  database: Pool | Client,
  { name }: ReadModel,
  lock: '' | 'for update' = '',
): Promise<FollowerId | null> => {
  const { rows } = await database.query<FollowerId>(
    `select name, version from read_model.projections where name = $1 and state = 'live' ${lock}`,
    [name],
  );
  return rows[0] ?? null;
};

const readFromLog = async (
  { store }: RetryTools,
  { stream, revision, position }: ParkedEvent,
): Promise<StoredEvent> => {
  const [event] = await store.read(stream, { from: revision, limit: 1 });
  if (event?.revision !== revision) throw new Error(`The log does not hold ${stream} at ${String(revision)}`);
  return { ...event, position };
};

const isSame = (before: readonly ParkedEvent[], now: readonly ParkedEvent[]): boolean =>
  before.length === now.length && before.every(({ position }, index) => position === now[index]?.position);
