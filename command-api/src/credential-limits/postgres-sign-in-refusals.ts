import type { Pool, QueryResultRow } from 'pg';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { toInstant } from '@rollbook/shared/kernel/clock';
import type { SignInRefusals } from './sign-in-refusals.ts';

const ADD = `
  insert into command.refused_sign_ins as r (subject, window_start, count)
  values ($1, date_trunc('hour', clock_timestamp(), 'UTC'), 1)
  on conflict (subject, window_start) do update set count = r.count + 1`;

// A minute more than the hour: whoever counted at its very end has committed by then.
const OVER = `window_start < now() - interval '61 minutes'`;
// Everybody else in the table is a name that nobody has.
const A_PERSON = `subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`;

const FORGET_NOBODY = `delete from command.refused_sign_ins where ${OVER} and not ${A_PERSON}`;
const ENDED = `
  select subject, window_start, count from command.refused_sign_ins where ${OVER} and ${A_PERSON}
  order by window_start, subject limit 100`;
const REMOVE = 'delete from command.refused_sign_ins where subject = $1 and window_start = $2';

interface Row extends QueryResultRow {
  readonly subject: string;
  readonly window_start: Date;
  readonly count: string;
}

/** The counts in PostgreSQL, one table for all copies. */
export const postgresSignInRefusals = (pool: Pool): SignInRefusals => {
  const query = async (text: string, values: unknown[] = []): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(text, values)).rows;
    } catch (cause) {
      throw new StoreUnavailable('The counts of refused sign-ins cannot be reached', { cause });
    }
  };
  return {
    async add(userId) {
      await query(ADD, [userId]);
    },
    async ended() {
      await query(FORGET_NOBODY);
      return (await query(ENDED)).map(({ subject, window_start, count }) => ({
        userId: subject,
        from: toInstant(window_start.getTime()),
        count: Number(count),
      }));
    },
    async remove({ userId, from }) {
      await query(REMOVE, [userId, from]);
    },
  };
};
