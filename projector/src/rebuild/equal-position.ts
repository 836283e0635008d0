import { withTransaction } from '@rollbook/shared/sql/transaction';
import type { Client } from '@rollbook/shared/sql/pool';
import type { Position } from '@rollbook/shared/event-log/event';
import type { Move } from '../follow-in-turn/position.ts';
import { openConcerned } from '../project-in-order/apply-page.ts';
import { buildPage, catchUp, type Building } from './build.ts';
import { CannotRebuild, readVersions, type Standing } from './building.ts';

/** Events that are read at once while the live version waits. */
const FEW = 500;

/** The live version's row, held: nobody moves it on until the caller's transaction ends. */
export const holdLive = async (client: Client, name: string): Promise<Pick<Standing, 'version' | 'position'>> => {
  const { rows } = await client.query<Pick<Standing, 'version' | 'position'>>(
    "select version, position from read_model.projections where name = $1 and state = 'live' for update",
    [name],
  );
  if (!rows[0]) throw new CannotRebuild(`There is no live ${name}`);
  return rows[0];
};

/** Reads on from where the new version stands and brings it into the new tables. */
export const buildOn = async (
  client: Client,
  building: Building,
  after: Position | null,
  goal: Position | null,
): Promise<Move | null> => {
  const read = await building.store.readAll({ after, limit: FEW });
  if (read.position === null || read.position === after) return null;
  const beyond = goal !== null && read.position > goal;
  const events = beyond ? read.events.filter(({ position }) => position <= goal) : read.events;
  const to = beyond ? goal : read.position;
  const time = events.at(-1)?.recordedAt ?? null;
  const move: Move = { from: after, to, time, events: events.length, atEnd: !beyond && read.atEnd };
  await buildPage(client, { opened: await openConcerned(events, building) }, move, building);
  return move;
};

/**
 * Gives `look` one snapshot in which both versions stand at the same position. The live one waits only until that
 * snapshot is taken.
 */
export const atEqualPosition = async <T>(building: Building, look: (snapshot: Client) => Promise<T>): Promise<T> => {
  const { pool, readModel } = building;
  const snapshot = await pool.connect();
  let broken = true;
  try {
    await catchUp(building, () => undefined);
    await withTransaction(pool, async (holding) => {
      const live = await holdLive(holding, readModel.name);
      await withTransaction(pool, async (client) => {
        let position = (await readVersions(client, readModel.name)).building?.position ?? null;
        while (live.position !== null && (position === null || position < live.position))
          position = (await buildOn(client, building, position, live.position))?.to ?? position;
        // Both passed the same events; a page that was cut could not say how many.
        await client.query(
          `update read_model.projections b set events_count = l.events_count from read_model.projections l
           where b.name = $1 and b.version = $2 and l.name = $1 and l.version = $3`,
          [readModel.name, readModel.version, live.version],
        );
      });
      await snapshot.query('begin isolation level repeatable read read only');
      const { live: seen, building: built } = await readVersions(snapshot, readModel.name);
      if (seen?.position !== built?.position) throw new CannotRebuild('The two versions do not stand at one position');
    });
    const seen = await look(snapshot);
    await snapshot.query('rollback');
    broken = false;
    return seen;
  } finally {
    snapshot.release(broken);
  }
};
