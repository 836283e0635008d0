import type { Client } from '@rollbook/shared/sql/pool';
import type { UserRow } from './user-directory.projection.ts';

type Counted = Pick<UserRow, 'role' | 'status'>;

/** By how much the number of people of one role and state changes; never 0. */
export interface CountChange extends Counted {
  readonly people: number;
}

/** What the change of these rows, each from `before` (none: new) to `after`, makes of the counts. */
export const countChanges = (
  changes: readonly { readonly before: Counted | undefined; readonly after: Counted }[],
): readonly CountChange[] => {
  const counts = new Map<string, CountChange>();
  const add = ({ role, status }: Counted, people: number): void => {
    const key = `${role} ${status}`;
    counts.set(key, { role, status, people: (counts.get(key)?.people ?? 0) + people });
  };
  for (const { before, after } of changes) {
    if (before) add(before, -1);
    add(after, 1);
  }
  return [...counts.values()].filter(({ people }) => people !== 0);
};

/** Adds to `read_model.user_counts`, inside the transaction that writes the rows. */
export const writeCounts = async (client: Client, changes: readonly CountChange[]): Promise<void> => {
  if (changes.length === 0) return;
  await client.query(
    `insert into user_counts as c (role, status, people)
     select role, status, people from jsonb_populate_recordset(null::user_counts, $1::jsonb)
     on conflict (role, status) do update set people = c.people + excluded.people`,
    [JSON.stringify(changes)],
  );
  // A number that is 0 and one that is missing are one and the same: so equal people make equal rows.
  if (changes.some(({ people }) => people < 0)) await client.query('delete from user_counts where people = 0');
};
