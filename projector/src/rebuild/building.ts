import type { Position } from '@rollbook/shared/event-log/event';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';

/** Where a new version of a read model is built, and where the old one's tables go when it is in their place. */
export const buildingSchema = (name: string): string => `building_${name}`;
export const retiredSchema = (name: string): string => `retired_${name}`;

/** Both versions as they are known. */
export interface Versions {
  readonly live: Standing | null;
  readonly building: Standing | null;
}

export interface Standing {
  readonly version: number;
  readonly position: Position | null;
  /** Events passed. */
  readonly events: number;
  readonly logId: string | null;
}

/** How far the live version and the one that is being built are. */
export const readVersions = async (database: Pool | Client, name: string): Promise<Versions> => {
  const { rows } = await database.query<Standing & { state: string }>(
    `select state, version, position, events_count::float8 as events, log_id as "logId"
     from read_model.projections where name = $1 and state in ('live', 'building')`,
    [name],
  );
  const of = (state: string): Standing | null => rows.find((row) => row.state === state) ?? null;
  return { live: of('live'), building: of('building') };
};

/** Another rebuild of the same read model is at work. */
export class RebuildUnderWay extends Error {
  override readonly name = 'RebuildUnderWay';
}

/** Something stands in the way that the operator has to see to. */
export class CannotRebuild extends Error {
  override readonly name = 'CannotRebuild';
}

/** The lock that whoever writes to the building version holds: of a session, or of a transaction. */
export const BUILD_LOCK = "hashtext('rollbook rebuild'), hashtext($1)";

/** Takes away everything of a version that is being built. Inside the caller's transaction. */
export const dropBuilding = async (client: Client, { name }: Pick<ReadModel, 'name'>): Promise<boolean> => {
  await client.query(`drop schema if exists ${buildingSchema(name)} cascade`);
  const { rowCount } = await client.query("delete from read_model.projections where name = $1 and state = 'building'", [
    name,
  ]);
  return rowCount === 1;
};

/** Drops tables that a switch has taken out of use. Inside the caller's transaction. */
export const dropRetired = async (client: Client, name: string): Promise<void> => {
  await client.query(`drop schema if exists ${retiredSchema(name)} cascade`);
};
