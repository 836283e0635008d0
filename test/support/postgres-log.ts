import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import pg from 'pg';
import { createDatabase } from './postgres.ts';

export interface StoreSettings {
  readonly url?: string;
  /** In ms. */
  readonly deadline?: number;
}

/** A database with an empty log, stores on it, and a connection of the test's own. */
export interface PostgresLog {
  readonly url: string;
  /** For looking into the tables and planting faults. */
  readonly sql: pg.Pool;
  open(settings?: StoreSettings): PostgresEventStore;
  end(): Promise<void>;
}

export const startPostgresLog = async (): Promise<PostgresLog> => {
  const { url, drop } = await createDatabase();
  const sql = new pg.Pool({ connectionString: url, max: 3, application_name: 'test' });
  sql.on('error', () => undefined);
  const stores: PostgresEventStore[] = [];
  return {
    url,
    sql,
    open: (settings = {}) => {
      const store = new PostgresEventStore({ url, clock: systemClock, random: systemRandom, ...settings });
      stores.push(store);
      return store;
    },
    end: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await sql.end();
      await drop();
    },
  };
};
