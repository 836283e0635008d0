import type { Client } from '@rollbook/shared/sql/pool';
import { NO_SESSIONS, type SessionRow, type SessionsOf } from './user-sessions.projection.ts';

const TIMES = ['started_at', 'last_used_at', 'expires_at'] as const;
const COLUMNS = ['id', 'user_id', 'ver', ...TIMES, 'address', 'user_agent'] as const;
const names = COLUMNS.join(', ');

type StoredRow = Omit<SessionRow, (typeof TIMES)[number]> & Record<(typeof TIMES)[number], Date>;

const fromStored = (row: StoredRow): SessionRow => ({
  ...row,
  started_at: row.started_at.toISOString(),
  last_used_at: row.last_used_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
});

/** What the tables hold of these people, by person. */
export const readSessions = async (client: Client, people: readonly string[]): Promise<Map<string, SessionsOf>> => {
  const found = new Map<string, SessionsOf>();
  const endings = await client.query<{ user_id: string; revision: number; kept: string | null }>(
    `select user_id, revision, kept_session_id as kept from user_session_endings
     where user_id = any($1::uuid[])`,
    [people],
  );
  for (const { user_id, revision, kept } of endings.rows)
    found.set(user_id, { ending: { revision, keptSessionId: kept }, sessions: [] });
  const { rows } = await client.query<StoredRow>(
    `select ${names} from user_sessions where user_id = any($1::uuid[]) order by started_at, id`,
    [people],
  );
  for (const row of rows.map(fromStored)) {
    const { ending, sessions } = found.get(row.user_id) ?? NO_SESSIONS;
    found.set(row.user_id, { ending, sessions: [...sessions, row] });
  }
  return found;
};

/** Writes what is another in `after` than in `before`. */
export const writeSessions = async (
  client: Client,
  before: ReadonlyMap<string, SessionsOf>,
  after: ReadonlyMap<string, SessionsOf>,
): Promise<void> => {
  const rows = [...after.values()].flatMap(({ sessions }) => sessions);
  const [known, kept] = [rowsOf(before), new Set(rows)];
  const ids = new Set(rows.map(({ id }) => id));
  const gone = [...known].filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  const changed = [...kept].filter((row) => !known.has(row));
  const endings = [...after]
    .filter(([person, { ending }]) => ending !== null && before.get(person)?.ending !== ending)
    .map(([user_id, { ending }]) => ({ user_id, revision: ending?.revision, kept_session_id: ending?.keptSessionId }));
  if (gone.length > 0) await client.query('delete from user_sessions where id = any($1::uuid[])', [gone]);
  if (changed.length > 0)
    await client.query(
      `insert into user_sessions (${names})
       select ${names} from jsonb_populate_recordset(null::user_sessions, $1::jsonb)
       on conflict (id) do update set (${names}) = (${COLUMNS.map((column) => `excluded.${column}`).join(', ')})`,
      [JSON.stringify(changed)],
    );
  if (endings.length > 0)
    await client.query(
      `insert into user_session_endings
       select * from jsonb_populate_recordset(null::user_session_endings, $1::jsonb)
       on conflict (user_id) do update
         set revision = excluded.revision, kept_session_id = excluded.kept_session_id`,
      [JSON.stringify(endings)],
    );
};

const rowsOf = (people: ReadonlyMap<string, SessionsOf>): ReadonlySet<SessionRow> =>
  new Set([...people.values()].flatMap(({ sessions }) => sessions));

/** Their sessions stay, without where they came from, until the events that end them come. */
export const forgetOrigins = async (client: Client, people: readonly string[]): Promise<void> => {
  await client.query('update user_sessions set address = null, user_agent = null where user_id = any($1::uuid[])', [
    people,
  ]);
};
