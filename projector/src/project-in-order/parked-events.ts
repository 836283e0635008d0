import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { Client } from '@rollbook/shared/sql/pool';
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
  const { rows } = await client.query<{ person: string }>(
    `select distinct person::text from read_model.parked_events
     where name = $1 and version = $2 and person = any($3::uuid[])`,
    [name, version, people],
  );
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
