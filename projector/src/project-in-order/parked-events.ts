import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import type { FollowerId } from '../follow-in-turn/position.ts';

/** Where a parked event stands in the log. */
export interface ParkedPlace {
  readonly stream: string;
  readonly revision: number;
}

/** Which of these people have parked events. */
export const findParked = async (
  client: Client,
  { name, version }: FollowerId,
  people: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await client.query<{ person: string }>({
    name: 'find-parked',
    text: `select distinct person::text from read_model.parked_events
           where name = $1 and version = $2 and person = any($3::uuid[])`,
    values: [name, version, people],
  });
  return new Set(rows.map(({ person }) => person));
};

/** Puts an event aside; the read model goes on without it. */
export const park = async (
  client: Client,
  { name, version }: FollowerId,
  person: string,
  event: StoredEvent,
  reason: string,
): Promise<void> => {
  await client.query(
    `insert into read_model.parked_events
       (name, version, position, person, event_id, stream, revision, type, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [name, version, event.position, person, event.id, event.stream, event.revision, event.type, reason],
  );
};

/** Takes a person's parked events away and says where they stand, in the log's order. */
export const takeParked = async (
  client: Client,
  { name, version }: FollowerId,
  person: string,
): Promise<readonly ParkedPlace[]> => {
  const { rows } = await client.query<ParkedPlace>(
    `with taken as (
       delete from read_model.parked_events where name = $1 and version = $2 and person = $3
       returning position, stream, revision
     ) select stream, revision from taken order by position`,
    [name, version, person],
  );
  return rows;
};

/** A parked event as it was found: where it stands, and since when it is parked. */
export interface ParkedEvent extends ParkedPlace {
  readonly position: Position;
  readonly parkedAt: Date;
}

/** A person's parked events, in the log's order. */
export const readParked = async (
  database: Pool | Client,
  { name, version }: FollowerId,
  person: string,
): Promise<readonly ParkedEvent[]> => {
  const { rows } = await database.query<ParkedEvent>(
    `select stream, revision, position, parked_at as "parkedAt" from read_model.parked_events
     where name = $1 and version = $2 and person = $3 order by position`,
    [name, version, person],
  );
  return rows;
};

/** Who has parked events in a read model; only those for whom this event is parked, if one is named. */
export const peopleParked = async (
  pool: Pool,
  { name, version }: FollowerId,
  eventId: string | null = null,
): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ person: string }>(
    `select person::text from read_model.parked_events
     where name = $1 and version = $2 and ($3::uuid is null or event_id = $3) group by person order by min(position)`,
    [name, version, eventId],
  );
  return rows.map(({ person }) => person);
};

/** Notes that what is parked still was tried again now; it keeps the time since when it is parked. */
export const noteTried = async (
  client: Client,
  { name, version }: FollowerId,
  before: readonly ParkedEvent[],
): Promise<void> => {
  await client.query(
    `update read_model.parked_events e set parked_at = b.parked_at, tried_at = now()
     from unnest($3::text[], $4::timestamptz[]) as b (position, parked_at)
     where e.name = $1 and e.version = $2 and e.position = b.position`,
    [name, version, before.map(({ position }) => position), before.map(({ parkedAt }) => parkedAt)],
  );
};
