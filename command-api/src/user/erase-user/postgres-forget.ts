import type { Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';

/** Stored answers, counts of attempts and of refusals, and known addresses, by the person's id. */
const FORGET = [
  'delete from command.stored_answers where subject = any($1::uuid[])',
  'delete from command.credential_counts where subject = any($1::text[])',
  'delete from command.known_addresses where subject = any($1::text[])',
  'delete from command.refused_sign_ins where subject = any($1::text[])',
];

/** Takes people out of the tables of the schema `command`. Throws what PostgreSQL says. */
export const postgresForget =
  (pool: Pool) =>
  (people: readonly string[]): Promise<void> =>
    withTransaction(pool, async (client) => {
      for (const statement of FORGET) await client.query(statement, [people]);
    });
