import type { Client } from '@rollbook/shared/sql/pool';
import { NOTHING_PERSONAL } from '@rollbook/shared/person/user-resource';
import type { UserRow } from './user-directory.projection.ts';

const COLUMNS = [
  'id',
  'username',
  'email',
  'email_canonical',
  'search',
  'search_starts',
  'email_verified',
  'pending_email',
  'name',
  'given_name',
  'first_name',
  'last_name',
  'phone',
  'role',
  'status',
  'preferences',
  'picture_url',
  'picture',
  'created_at',
  'updated_at',
  'last_login',
  'revision',
  'sign_ins',
] as const satisfies readonly (keyof UserRow)[];

const TIMES = ['created_at', 'updated_at', 'last_login'] as const;

const PERSONAL = [
  ...Object.keys(NOTHING_PERSONAL),
  'email_canonical',
  'search',
  'search_starts',
  'given_name',
  'picture',
] as const;

const names = COLUMNS.join(', ');

/** The rows of these people, by id. */
export const readRows = async (client: Client, people: readonly string[]): Promise<Map<string, UserRow>> => {
  const { rows } = await client.query<UserRow & Record<(typeof TIMES)[number], Date | null>>({
    name: 'read-users',
    text: `select ${names} from user_directory where id = any($1::uuid[])`,
    values: [people],
  });
  return new Map(
    rows.map((row) => {
      const times = Object.fromEntries(
        TIMES.map((column) => [column, (row[column] as Date | null)?.toISOString() ?? null]),
      );
      return [row.id, { ...row, ...times }];
    }),
  );
};

const WRITE = `
  insert into user_directory (${names})
  select ${names} from jsonb_populate_recordset(null::user_directory, $1::jsonb)
  on conflict (id) do update set (${names}) = (${COLUMNS.map((column) => `excluded.${column}`).join(', ')})`;

/** Writes whole rows, new or not, in one statement. */
export const writeRows = async (client: Client, rows: readonly UserRow[]): Promise<void> => {
  if (rows.length === 0) return;
  await client.query({ name: 'write-users', text: WRITE, values: [JSON.stringify(rows)] });
};

/** Their rows stay, without any personal value: the events that are still to come have none to give either. */
export const forgetRows = async (client: Client, people: readonly string[]): Promise<void> => {
  await client.query(
    `update user_directory set ${PERSONAL.map((column) => `${column} = null`).join(', ')} where id = any($1::uuid[])`,
    [people],
  );
};
