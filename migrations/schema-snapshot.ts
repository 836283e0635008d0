import type { Client } from 'pg';

// Each query gives lines in a fixed order, read from the catalogue: no client tool of PostgreSQL is needed.
const ours = (schema: string): string =>
  `${schema} not in ('pg_catalog', 'information_schema', 'pg_toast') and ${schema} not like 'pg_temp%'`;

const notBookkeeping = (table: string): string => `${table} is distinct from 'public.migrations'`;

const queries = [
  `select format('schema %I;', nspname) as line from pg_namespace where ${ours('nspname')} and nspname <> 'public' order by nspname collate "C"`,

  `select format('extension %I;', extname) as line from pg_extension where extname <> 'plpgsql' order by extname collate "C"`,

  `select format('type %I.%I %s;', n.nspname, t.typname,
     coalesce((select 'enum (' || string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) || ')' from pg_enum where enumtypid = t.oid),
              'domain over ' || format_type(t.typbasetype, t.typtypmod))) as line
   from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where ${ours('n.nspname')} and t.typtype in ('e', 'd') order by (n.nspname || '.' || t.typname) collate "C"`,

  `select format('%s %I.%I%s%s (%s%s);',
     case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' end,
     n.nspname, c.relname,
     case when c.relkind = 'p' then ' ' || pg_get_partkeydef(c.oid) else '' end
       || case when c.relispartition then ' ' || pg_get_expr(c.relpartbound, c.oid) else '' end
       || case c.relpersistence when 'u' then ' unlogged' else '' end,
     case when c.reloptions is null then '' else ' with ' || c.reloptions::text end,
     (select string_agg(E'\\n  ' || format('%I %s%s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attcollation <> t.typcollation then ' collate ' || a.attcollation::regcollation::text else '' end,
        case when a.attnotnull then ' not null' else '' end,
        case when a.attidentity <> '' then ' generated ' || case a.attidentity when 'a' then 'always' else 'by default' end || ' as identity'
             when a.attgenerated <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ')' || case a.attgenerated when 's' then ' stored' else ' virtual' end
             when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
        case when a.attstattarget >= 0 then ' statistics ' || a.attstattarget else '' end), ',' order by a.attnum)
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
     case when c.relkind in ('v', 'm') then E'\\n) as (\\n' || pg_get_viewdef(c.oid) else E'\\n' end) as line
   from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where ${ours('n.nspname')} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${notBookkeeping("n.nspname || '.' || c.relname")}
   order by (n.nspname || '.' || c.relname) collate "C"`,

  `select format('sequence %I.%I %s start %s increment %s%s;', schemaname, sequencename, data_type, start_value, increment_by, case when cycle then ' cycle' else '' end) as line
   from pg_sequences where ${ours('schemaname')} order by (schemaname || '.' || sequencename) collate "C"`,

  `select format('constraint %I on %s %s;', conname, conrelid::regclass, pg_get_constraintdef(oid)) as line
   from pg_constraint where conrelid <> 0 and contype <> 'n' and ${notBookkeeping("(select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = conrelid)")}
     and connamespace in (select oid from pg_namespace where ${ours('nspname')})
   order by (conrelid::regclass::text || '.' || conname) collate "C"`,

  `select indexdef || ';' as line from pg_indexes
   where ${ours('schemaname')} and ${notBookkeeping("schemaname || '.' || tablename")} order by (schemaname || '.' || indexname) collate "C"`,

  `select pg_get_statisticsobjdef(s.oid) || coalesce(' sampled ' || s.stxstattarget, '') || ';' as line
   from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
   where ${ours('n.nspname')} order by (n.nspname || '.' || s.stxname) collate "C"`,

  `select pg_get_functiondef(p.oid) || ';' as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where ${ours('n.nspname')} and p.prokind in ('f', 'p') and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
   order by (n.nspname || '.' || p.proname || pg_get_function_identity_arguments(p.oid)) collate "C"`,

  `select pg_get_triggerdef(oid) || ';' as line from pg_trigger where not tgisinternal order by (tgrelid::regclass::text || '.' || tgname) collate "C"`,
];

/** The whole schema of a database as text, the same for the same schema, whatever order it came about in. */
export async function readSchema(client: Client): Promise<string> {
  const parts: string[] = [];
  // Empty, so that every name is written with its schema.
  await client.query(`set search_path to ''`);
  for (const query of queries) {
    const { rows } = await client.query<{ line: string }>(query);
    if (rows.length > 0) parts.push(rows.map(({ line }) => line).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}
