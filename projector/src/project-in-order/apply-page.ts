import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { Client } from '@rollbook/shared/sql/pool';
import { openAsErased, openEach, type MaybeOpened } from './open-each.ts';
import { findParked, park, takeParked } from './parked-events.ts';
import { CannotGoOn, isFaultOfEvent, LIVE_SCHEMA, reasonOf, type ReadModel } from './read-model.ts';

export interface PageTools {
  readonly store: EventStore;
  readonly keys: KeyRing;
  /** In the version whose rows and parked events are meant. */
  readonly readModel: ReadModel;
  /** Where its tables stand. Default: LIVE_SCHEMA. */
  readonly schema?: string;
  /** Told of every event that is parked for its own fault. */
  readonly onParked: (event: StoredEvent, reason: string) => void;
}

/** Opens what concerns the read model. Throws only when the keys cannot be asked for. */
export const openConcerned = (
  events: readonly StoredEvent[],
  { keys, readModel }: Pick<PageTools, 'keys' | 'readModel'>,
): Promise<readonly MaybeOpened[]> =>
  openEach(
    events.filter((event) => readModel.personOf(event) !== null),
    keys,
  );

/**
 * Brings opened events of a page into the read model, inside the caller's transaction. What cannot be applied is parked,
 * with everything later of the same person; an erasure is always applied. Throws only faults of the surroundings, and
 * CannotGoOn.
 */
export const applyOpened = async (client: Client, opened: readonly MaybeOpened[], tools: PageTools): Promise<void> => {
  if (opened.length === 0) return;
  const people = new Set(opened.map(({ stored }) => personOf(stored, tools)));
  const parked = await findParked(client, tools.readModel, [...people]);
  await client.query(`${schemaIs(tools.schema)}; savepoint page`);
  try {
    await applyEvents(client, opened, new Set(parked), tools);
  } catch (fault) {
    if (!isFaultOfEvent(fault)) throw fault;
    // One of them is to blame: go through them one by one.
    await client.query('rollback to savepoint page');
    for (const one of opened) await applyOne(client, one, parked, tools);
  }
};

/** Says which tables the read model's statements mean, until the transaction ends. */
export const useSchema = async (client: Client, schema = LIVE_SCHEMA): Promise<void> => {
  await client.query(schemaIs(schema));
};

const schemaIs = (schema = LIVE_SCHEMA): string => `set local search_path to ${schema}`;

const personOf = (event: StoredEvent, { readModel }: PageTools): string => readModel.personOf(event) ?? '';

const applyOne = async (client: Client, one: MaybeOpened, parked: Set<string>, tools: PageTools): Promise<void> => {
  await client.query('savepoint event');
  try {
    await applyEvents(client, [one], parked, tools);
    await client.query('release savepoint event');
  } catch (fault) {
    if (!isFaultOfEvent(fault)) throw fault;
    await client.query('rollback to savepoint event');
    if (one.stored.type === 'PersonErased') await eraseAllTheSame(client, one, parked, tools);
    else await parkFaulty(client, one.stored, reasonOf(fault), parked, tools);
  }
};

/** The parked events were to blame: they go, and the erasure is applied to the rows as they are. */
const eraseAllTheSame = async (
  client: Client,
  one: MaybeOpened,
  parked: Set<string>,
  tools: PageTools,
): Promise<void> => {
  const person = personOf(one.stored, tools);
  await takeParked(client, tools.readModel, person);
  parked.delete(person);
  await applyEvents(client, [one], parked, tools);
};

/** `parked`: the people with parked events; kept up to date. */
const applyEvents = async (
  client: Client,
  opened: readonly MaybeOpened[],
  parked: Set<string>,
  tools: PageTools,
): Promise<void> => {
  const applicable: AnyEvent[] = [];
  for (const { stored, event, reason } of opened) {
    const person = personOf(stored, tools);
    if (stored.type === 'PersonErased') {
      // Parked it would wait, passed over it would be forgotten: a program that cannot read it has no business here.
      if (!event) throw new CannotGoOn(tools.readModel.name, stored, reason ?? 'It cannot be read');
      if (parked.delete(person)) applicable.push(...(await takeAsErased(client, person, tools)));
      applicable.push(event);
    } else if (parked.has(person)) {
      await park(client, tools.readModel, person, stored, 'Waits behind an earlier event of this person');
    } else if (event) {
      applicable.push(event);
    } else {
      await parkFaulty(client, stored, reason ?? 'It cannot be read', parked, tools);
    }
  }
  if (applicable.length > 0) await tools.readModel.apply(client, applicable);
};

const parkFaulty = async (
  client: Client,
  stored: StoredEvent,
  reason: string,
  parked: Set<string>,
  tools: PageTools,
): Promise<void> => {
  if (tools.readModel.security === true) throw new CannotGoOn(tools.readModel.name, stored, reason);
  const person = personOf(stored, tools);
  await park(client, tools.readModel, person, stored, reason);
  parked.add(person);
  tools.onParked(stored, reason);
};

/** What was parked of an erased person, without any personal value: it still says that there was somebody. */
const takeAsErased = async (client: Client, person: string, tools: PageTools): Promise<readonly AnyEvent[]> => {
  const places = await takeParked(client, tools.readModel, person);
  const stored = await Promise.all(
    places.map(({ stream, revision }) => tools.store.read(stream, { from: revision, limit: 1 })),
  );
  return openAsErased(stored.flat());
};
