import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';

/** An empty, migrated database that belongs to one test. */
export interface TestDatabase {
  /** `postgres://…`, usable as `DATABASE_URL`. */
  readonly url: string;
  /** Cuts what is still connected and removes the database. */
  drop(): Promise<void>;
}

let cluster: Promise<string> | undefined;

/** The address of the run's PostgreSQL (its maintenance database). The first caller of a run waits for its start. */
export function clusterUrl(): Promise<string> {
  cluster ??= (async () => {
    const address = process.env['ROLLBOOK_TEST_CLUSTER'];
    if (address === undefined)
      throw new Error('Databases for tests exist only under jest: its global setup serves them.');
    const answer = JSON.parse(await text(connect(address))) as { url?: string; error?: string };
    if (answer.url === undefined) throw new Error(answer.error ?? 'The PostgreSQL of the tests did not start.');
    return answer.url;
  })();
  return cluster;
}

/** Runs one statement on the maintenance database, on a connection of its own. */
async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: await clusterUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

let made = 0;

/** A fresh copy of the migrated template (about 30 ms); `template0` gives one without any migration. */
export async function createDatabase({ template = 'rollbook_template' } = {}): Promise<TestDatabase> {
  const name = `test_${String(process.pid)}_${String(++made)}_${Math.random().toString(36).slice(2, 10)}`;
  await administer(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(await clusterUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}
