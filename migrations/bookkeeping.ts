import pg, { type Client } from 'pg';
import { MigrationRefused, type Migration } from './migration-files.ts';

/** One row of the table `migrations`: what was applied, and from which text. */
export interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Milliseconds until the server must have taken the connection. A step itself may take as long as it needs. */
const CONNECT_MS = 10_000;

/** Runs `work` on a connection of its own. */
export async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'rollbook migrate',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // The query under way tells of a broken connection; without a listener the event would end the process besides.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

// Any constant will do, as long as every copy of this program takes the same one.
const LOCK = 7_251_604_418;

/** Runs `work` while no other migration runs on this database; a second one waits. */
export async function alone<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

/** What is applied, by number; the table is made at the first call. */
export async function readApplied(client: Client): Promise<Applied[]> {
  await client.query(`
    create table if not exists public.migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
  return (await client.query<Applied>('select number, name, checksum from public.migrations order by number')).rows;
}

/** @throws MigrationRefused when an applied migration was edited, renamed or taken away since. */
export function refuseChangedHistory(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const row of applied) {
    const file = migrations.find(({ number }) => number === row.number);
    if (file === undefined) {
      throw new MigrationRefused(
        `The database has the migration ${row.name}, which this version of the program does not know: use the newer version.`,
      );
    }
    if (file.checksum !== row.checksum || file.name !== row.name) {
      throw new MigrationRefused(
        `The migration ${row.name} was edited after it was applied: put ${file.name}.up.sql back as it was, and write a new migration.`,
      );
    }
  }
}

async function inTransaction(client: Client, name: string, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new MigrationRefused(`The migration ${name} failed and left nothing behind: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Applies one migration and records it, both or neither. */
export const apply = (client: Client, { number, name, up, checksum }: Migration): Promise<void> =>
  inTransaction(client, name, async () => {
    await client.query(up);
    await client.query('insert into public.migrations (number, name, checksum) values ($1, $2, $3)', [
      number,
      name,
      checksum,
    ]);
  });

/** Takes one migration back and forgets it, both or neither. */
export const revert = (client: Client, { number, name, down }: Migration): Promise<void> =>
  inTransaction(client, name, async () => {
    await client.query(down);
    await client.query('delete from public.migrations where number = $1', [number]);
  });
