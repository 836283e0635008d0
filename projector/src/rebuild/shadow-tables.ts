import type { Client } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { LIVE_SCHEMA } from '../project-in-order/read-model.ts';
import { buildingSchema, CannotRebuild } from './building.ts';

/** What PostgreSQL would not carry over to another table, so that a switch would lose it. */
const ATTACHED = `
  select format('%s on %s', what, t.relname) as what from pg_class t join lateral (
    select 'trigger ' || tgname as what from pg_trigger where tgrelid = t.oid and not tgisinternal
    union all select 'foreign key ' || conname from pg_constraint where contype = 'f' and t.oid in (conrelid, confrelid)
    union all select 'view ' || r.ev_class::regclass from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass
      and d.objid = r.oid where d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
    union all select 'policy ' || polname from pg_policy where polrelid = t.oid
    union all select 'child or parent' from pg_inherits where t.oid in (inhrelid, inhparent)
    union all select 'publication ' || p.pubname from pg_publication_rel pr join pg_publication p on p.oid = pr.prpubid where pr.prrelid = t.oid
  ) attached on true
  where t.relnamespace = $1::regnamespace and t.relname = any($2::text[])`;

/** The statements that give the table what `like` leaves out: settings, samples' sizes, comment, grants, owner. */
const DRESSINGS = `
  select s.statement from pg_class t cross join lateral (
    select format('alter table %s set (%s)', $3::text, array_to_string(t.reloptions, ', ')) as statement where t.reloptions is not null
    union all select format('alter table %s alter column %I set statistics %s', $3::text, attname, attstattarget)
      from pg_attribute where attrelid = t.oid and attnum > 0 and not attisdropped and attstattarget >= 0
    union all select format('comment on table %s is %L', $3::text, obj_description(t.oid, 'pg_class')) where obj_description(t.oid, 'pg_class') is not null
    union all select format('grant %s on %s to %s%s', privilege_type, $3::text,
        case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end, case when is_grantable then ' with grant option' else '' end)
      from aclexplode(t.relacl) where grantee <> t.relowner
    union all select format('alter table %s owner to %I', $3::text, pg_get_userbyid(t.relowner)) where pg_get_userbyid(t.relowner) <> current_user
  ) s where t.relnamespace = $1::regnamespace and t.relname = $2`;

const KEYS = `
  select conname as name, format('alter table %s add constraint %I %s', $2::text, conname, pg_get_constraintdef(oid)) as statement
  from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'x')`;

const INDEXES = `
  select c.relname as name, pg_get_indexdef(i.indexrelid) as definition, obj_description(i.indexrelid, 'pg_class') as comment
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = $1::regclass and not exists (select from pg_constraint where conindid = i.indexrelid)
    and not exists (select from pg_indexes x where x.schemaname = $2 and x.indexname = c.relname)
  order by c.relname`;

const SHAPE = `
  select array_agg(format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attcollation, attnotnull) order by attnum) as shape
  from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`;

/** From here on every name is written with its schema, also those that PostgreSQL writes. */
const qualify = (client: Client): Promise<unknown> => client.query("set local search_path to ''");

/**
 * Makes empty tables as the live ones are, keys included, other indexes not: a load is faster without. Inside the caller's
 * transaction. Throws CannotRebuild where something hangs on a live table that would be lost.
 */
export const createShadowTables = async (client: Client, { name, tables }: ReadModel): Promise<void> => {
  const schema = buildingSchema(name);
  await qualify(client);
  const attached = await client.query<{ what: string }>(ATTACHED, [LIVE_SCHEMA, tables]);
  if (attached.rows.length > 0)
    throw new CannotRebuild(`A rebuild would lose the ${attached.rows.map(({ what }) => what).join(', ')}`);
  await client.query(`create schema ${schema}`);
  for (const table of tables) {
    const [live, shadow] = [`${LIVE_SCHEMA}.${table}`, `${schema}.${table}`];
    await client.query(`create table ${shadow} (like ${live} including all excluding indexes)`);
    const keys = await client.query<{ statement: string }>(KEYS, [live, shadow]);
    const dressings = await client.query<{ statement: string }>(DRESSINGS, [LIVE_SCHEMA, table, shadow]);
    for (const { statement } of [...keys.rows, ...dressings.rows]) await client.query(statement);
  }
};

/** The statements that make the indexes which are still missing, each to be run by itself. */
export const missingIndexes = async (client: Client, { name, tables }: ReadModel): Promise<readonly string[]> => {
  const schema = buildingSchema(name);
  await qualify(client);
  const statements: string[] = [];
  for (const table of tables) {
    const live = `${LIVE_SCHEMA}.${table}`;
    const { rows } = await client.query<{ name: string; definition: string; comment: string | null }>(INDEXES, [
      live,
      schema,
    ]);
    for (const index of rows) {
      statements.push(index.definition.replace(` ON ${live} USING `, ` ON ${schema}.${table} USING `));
      if (index.comment !== null)
        statements.push(`comment on index ${schema}.${index.name} is ${client.escapeLiteral(index.comment)}`);
    }
  }
  return statements;
};

/** Throws CannotRebuild when a migration changed the live tables since the new ones were made. */
export const requireSameShape = async (client: Client, { name, tables }: ReadModel): Promise<void> => {
  const shapeOf = async (table: string): Promise<string> => {
    const { rows } = await client.query<{ shape: readonly string[] }>(SHAPE, [table]);
    return JSON.stringify(rows[0]?.shape ?? null);
  };
  for (const table of tables)
    if ((await shapeOf(`${LIVE_SCHEMA}.${table}`)) !== (await shapeOf(`${buildingSchema(name)}.${table}`)))
      throw new CannotRebuild(`${table} has changed since this build began: begin anew, after --abandon`);
};
