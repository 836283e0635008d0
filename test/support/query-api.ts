import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { listen } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { MemoryPictureStore } from '@rollbook/shared/pictures/memory-picture-store';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { searchStarts, searchText } from '@rollbook/shared/person/search-text';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { Cursors } from '@rollbook/shared/tokens/cursors';
import { buildQueryApp, type QueryAppParts } from '../../query-api/src/app.ts';
import { createDatabase } from './postgres.ts';
import { notaryKeys, receiptKeys, tokenKeys, tokenRules } from './signed-in.ts';

export const LOG_ID = '00000000-0000-4000-8000-000000000000';
export const positionOf = (n: number): Position => String(n).padStart(20, '0') as Position;

/** A row of the user directory; what is not given has a harmless value. */
export interface Row {
  readonly id?: string;
  readonly username?: string | null;
  readonly email?: string | null;
  readonly role?: string;
  readonly status?: string;
  readonly name?: string | null;
  readonly preferences?: object | null;
  readonly created_at?: string;
  readonly updated_at?: string;
  readonly last_login?: string | null;
  readonly revision?: number;
  readonly sign_ins?: number;
}

export interface QueryApi {
  readonly url: string;
  readonly pool: Pool;
  readonly log: EventLog;
  readonly store: EventStore;
  readonly tokens: ConsistencyTokens;
  /** Adds a person to the read model; gives the id. */
  add(row: Row): Promise<string>;
  moveTo(position: Position): Promise<void>;
  close(): Promise<void>;
}

/** The query side over a log in memory and a read model in PostgreSQL that the test fills itself. */
export const startQueryApi = async (more: Pick<QueryAppParts, 'streamLimits'> = {}): Promise<QueryApi> => {
  const database = await createDatabase();
  const pool = createPool({ url: database.url, applicationName: 'test', statementTimeout: 1_000 });
  const store = new MemoryEventStore({ clock, logId: LOG_ID });
  const keys = new MemoryKeyRing({ random });
  const pictures = new MemoryPictureStore({ clock });
  const log = sealedEventLog({ store, keys, clock, random });
  const tokens = new ConsistencyTokens([{ id: 'm1', secret: randomBytes(32) }]);
  const cursors = new Cursors([{ id: 'm1', secret: randomBytes(32) }], random);
  const parts = {
    cursors,
    eventLog: log,
    store,
    pool,
    clock,
    random,
    consistencyTokens: tokens,
    tokenKeys,
    tokenRules,
    receiptKeys,
    notaryKeys,
  };
  const app = buildQueryApp({ ...parts, ...more, keys, pictures, log: pino({ level: 'silent' }) });
  const server = await listen(app, { host: '127.0.0.1', port: 0, clock, random });
  await pool.query(
    `insert into read_model.projections (name, version, state, log_id, position, at_end_at)
     values ('user_directory', 1, 'live', $1, $2, now()), ('user_sessions', 1, 'live', $1, $2, now()),
       ('erasures', 1, 'live', $1, $2, now()), ('api_keys', 1, 'live', $1, $2, now()),
       ('audit_index', 1, 'live', $1, $2, now())`,
    [LOG_ID, positionOf(1)],
  );
  return {
    url: server.url,
    pool,
    log,
    store,
    tokens,
    add: async (row) => {
      const id = row.id ?? randomUUID();
      const full = {
        username: `u-${id.slice(0, 8)}`,
        email: `${id}@example.com`,
        email_verified: true,
        role: 'user',
        status: 'active',
        preferences: {},
        created_at: '2026-01-01T00:00:00.000Z',
        updated_at: '2026-01-01T00:00:00.000Z',
        revision: 0,
        sign_ins: 0,
        ...row,
        id,
      };
      const searched = [full.username, row.name ?? null, full.email];
      const [search, search_starts] = [searchText(searched), searchStarts(searched)];
      const email_canonical = full.email === null ? null : canonicalEmail(full.email);
      await pool.query(
        `insert into read_model.user_directory
         select * from jsonb_populate_record(null::read_model.user_directory, $1::jsonb)`,
        [JSON.stringify({ search, search_starts, email_canonical, ...full })],
      );
      await pool.query(
        `insert into read_model.user_counts as c (role, status, people) values ($1, $2, 1)
         on conflict (role, status) do update set people = c.people + 1`,
        [full.role, full.status],
      );
      return id;
    },
    moveTo: async (position) => {
      await pool.query("update read_model.projections set position = $1 where name = 'user_directory'", [position]);
    },
    close: async () => {
      await server.close();
      await pool.end();
      await database.drop();
    },
  };
};
