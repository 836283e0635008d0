import type { Client } from '@rollbook/shared/sql/pool';
import { LIVE_SCHEMA, type ReadModel } from '../project-in-order/read-model.ts';
import { buildingSchema, readVersions } from './building.ts';

/** The most ids that a difference names. */
const NAMED = 20;

/** What is not the same in a table of both versions. Names rows by their key only: no value of a person. */
export interface TableDifference {
  readonly table: string;
  readonly onlyLive: number;
  readonly onlyNew: number;
  readonly changed: number;
  /** In how many rows each column differs. */
  readonly columns: Readonly<Record<string, number>>;
  /** Keys of some of these rows. */
  readonly rows: readonly string[];
}

export interface Comparison {
  /** Per table: rows, and the sum of their hashes in hexadecimal. */
  readonly checksums: readonly { readonly table: string; readonly live: Checksum; readonly built: Checksum }[];
  readonly differences: readonly TableDifference[];
  readonly parked: { readonly onlyLive: readonly string[]; readonly onlyNew: readonly string[]; readonly both: number };
}

export interface Checksum {
  readonly rows: number;
  readonly sum: string;
}

const sumOf = async (client: Client, table: string): Promise<Checksum> => {
  const { rows } = await client.query<Checksum>(
    `select count(*)::float8 as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum from ${table} t`,
  );
  return rows[0] ?? { rows: 0, sum: '0' };
};

const columnsOf = async (
  client: Client,
  table: string,
): Promise<{ all: readonly string[]; key: readonly string[] }> => {
  const { rows } = await client.query<{ name: string; key: boolean }>(
    `select quote_ident(a.attname) as name, a.attnum = any(i.indkey) as key
     from pg_attribute a join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  );
  return { all: rows.map(({ name }) => name), key: rows.filter(({ key }) => key).map(({ name }) => name) };
};

const differenceOf = async (client: Client, live: string, built: string, table: string): Promise<TableDifference> => {
  const { all, key } = await columnsOf(client, live);
  const [first = ''] = key;
  const others = all.filter((name) => !key.includes(name));
  const { rows } = await client.query<{ found: Omit<TableDifference, 'table'> }>(
    `with pairs as (
       select l, n, l.${first} is null as only_new, n.${first} is null as only_live,
         concat_ws(' ', ${key.map((name) => `coalesce(l.${name}, n.${name})`).join(', ')}) as id
       from ${live} l full join ${built} n on ${key.map((name) => `l.${name} = n.${name}`).join(' and ')}
       where l::text is distinct from n::text
     ), changed as (select * from pairs where not only_new and not only_live)
     select json_build_object(
       'onlyLive', (select count(*) from pairs where only_live), 'onlyNew', (select count(*) from pairs where only_new),
       'changed', (select count(*) from changed),
       'columns', (select json_build_object(${others
         .map((name) => `'${name}', count(*) filter (where (l).${name} is distinct from (n).${name})`)
         .join(', ')}) from changed),
       'rows', (select coalesce(json_agg(id), '[]') from (select id from pairs order by id limit ${String(NAMED)}) few)
     ) as found`,
  );
  const found = rows[0]?.found ?? { onlyLive: 0, onlyNew: 0, changed: 0, columns: {}, rows: [] };
  const columns = Object.fromEntries(Object.entries(found.columns).filter(([, count]) => count > 0));
  return { ...found, table, columns };
};

const compareParked = async (client: Client, name: string): Promise<Comparison['parked']> => {
  const { live, building } = await readVersions(client, name);
  const { rows } = await client.query<{ event: string; live: boolean; built: boolean }>(
    `select event_id::text as event, bool_or(version = $2) as live, bool_or(version = $3) as built
     from read_model.parked_events where name = $1 group by event_id order by min(position)`,
    [name, live?.version ?? 0, building?.version ?? 0],
  );
  const those = (wanted: (row: { live: boolean; built: boolean }) => boolean): readonly string[] =>
    rows.filter(wanted).map(({ event }) => event);
  return {
    onlyLive: those((row) => row.live && !row.built),
    onlyNew: those((row) => row.built && !row.live),
    both: those((row) => row.built && row.live).length,
  };
};

/** Compares every table of both versions, row for row, in the caller's snapshot. */
export const compareVersions = async (client: Client, { name, tables }: ReadModel): Promise<Comparison> => {
  const checksums: Comparison['checksums'][number][] = [];
  const differences: TableDifference[] = [];
  for (const table of tables) {
    const [live, built] = [`${LIVE_SCHEMA}.${table}`, `${buildingSchema(name)}.${table}`];
    const [one, other] = [await sumOf(client, live), await sumOf(client, built)];
    checksums.push({ table, live: one, built: other });
    if (one.rows !== other.rows || one.sum !== other.sum)
      differences.push(await differenceOf(client, live, built, table));
  }
  return { checksums, differences, parked: await compareParked(client, name) };
};

/** Whether both versions are the same, parked events too. */
export const isSame = ({ differences, parked }: Comparison): boolean =>
  differences.length === 0 && parked.onlyLive.length === 0 && parked.onlyNew.length === 0;
