import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import type { FollowerId } from '../follow-in-turn/position.ts';
import { useSchema } from '../project-in-order/apply-page.ts';
import { openEach, type MaybeOpened } from '../project-in-order/open-each.ts';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { buildingSchema } from './building.ts';

/**
 * Notes who was erased, for every version that is being built: it may hold values of theirs long before it comes to their
 * erasure in the log. Their keys must be destroyed before: so whatever is opened for a build that begins later is erased.
 */
export const noteErasedForBuilds = async (pool: Pool, events: readonly StoredEvent[]): Promise<void> => {
  const erased = events.flatMap(({ stream, position }) => {
    const person = personOfStream(stream);
    return person === null ? [] : [{ person, position }];
  });
  if (erased.length === 0) return;
  await pool.query(
    `insert into read_model.erased_meanwhile (name, version, person, position)
     select p.name, p.version, e.person, e.position from read_model.projections p
       cross join unnest($1::uuid[], $2::text[]) as e (person, position)
     where p.state = 'building' on conflict do nothing`,
    [erased.map(({ person }) => person), erased.map(({ position }) => position)],
  );
};

/** Who is erased in the log beyond the position. */
const erasedBeyond = async (
  client: Client,
  id: FollowerId,
  position: Position | null,
): Promise<ReadonlySet<string>> => {
  const { rows } = await client.query<{ person: string }>(
    `select person::text from read_model.erased_meanwhile
     where name = $1 and version = $2 and position > coalesce($3, '')`,
    [id.name, id.version, position],
  );
  return new Set(rows.map(({ person }) => person));
};

/** The events as they may be written down now: as erased, where their person was erased since they were opened. */
export const openedToday = async (
  client: Client,
  id: FollowerId,
  position: Position | null,
  opened: readonly MaybeOpened[],
  keys: Pick<KeyRing, 'findMany'>,
): Promise<readonly MaybeOpened[]> => {
  const erased = await erasedBeyond(client, id, position);
  const concerned = opened.filter(({ stored }) => stored.personal.some(({ subject }) => erased.has(subject)));
  if (concerned.length === 0) return opened;
  // Only their own parts: who acts, and whom it is about, may be two people.
  const findMany: KeyRing['findMany'] = async (subjects) =>
    new Map(
      [...(await keys.findMany(subjects))].map(([subject, key]) => [subject, erased.has(subject) ? 'destroyed' : key]),
    );
  const stored = concerned.map((one) => one.stored);
  const again = new Map((await openEach(stored, { findMany })).map((one) => [one.stored, one]));
  return opened.map((one) => again.get(one.stored) ?? one);
};

/**
 * Takes the values of whoever was erased out of a version that is being built and has not come to their erasure, once
 * each. Inside the transaction of whoever holds the build lock. Gives how many people it was.
 */
export const forgetErased = async (client: Client, readModel: ReadModel): Promise<number> => {
  const { rows } = await client.query<{ person: string }>(
    `update read_model.erased_meanwhile set forgotten = true
     where name = $1 and version = $2 and not forgotten returning person::text`,
    [readModel.name, readModel.version],
  );
  const people = rows.map(({ person }) => person);
  if (people.length === 0 || !readModel.forget) return people.length;
  await useSchema(client, buildingSchema(readModel.name));
  await readModel.forget(client, people);
  return people.length;
};
