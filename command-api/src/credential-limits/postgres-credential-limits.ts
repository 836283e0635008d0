import type { Pool, QueryResultRow } from 'pg';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { hmacOfParts } from '@rollbook/shared/kernel/digest';
import { addressGroup } from '@rollbook/shared/http/address-group';
import type { CredentialLimits, Slot } from './credential-limits.ts';

interface Taken extends QueryResultRow {
  readonly wait_seconds: number;
  readonly counted_address: string;
}

const TAKE = 'select wait_seconds, counted_address from command.take_credential_slot($1, $2, $3, $4, $5)';

// In the order in which they are taken, so that two statements never wait for each other.
const GIVE_BACK_ACCOUNT = `
  update command.credential_counts set taken = greatest(taken - 1, 0), in_a_row = 0, blocked_until = null
  where kind = $1 and subject = $2 and address = $3`;
const GIVE_BACK_ADDRESS = `
  update command.credential_counts set taken = greatest(taken - 1, 0)
  where kind = $1 and subject = '' and address = $2`;

// From this many failures within an address's hour on, each makes the next wait longer: ten times what an account has.
const PATIENCE = 50;

const FAILED = `
  update command.credential_counts
  set in_a_row = in_a_row + 1,
      blocked_until = case when in_a_row + 1 >= ${String(PATIENCE)}
        then clock_timestamp() + make_interval(secs => least(900, power(2, least(in_a_row + 1 - ${String(PATIENCE)}, 10))))
        else blocked_until end
  where kind = $1 and subject = '' and address = $2`;

const KNOW = `
  insert into command.known_addresses (subject, address, last_at) values ($1, $2, now())
  on conflict (subject, address) do update set last_at = excluded.last_at`;

// What stands there for a day without a new attempt counts no more, but a closed account stays closed for a year.
const SWEEP = [
  `delete from command.credential_counts
   where window_start < now() - interval '1 day'
     and (in_a_row < 100 or subject = '' or window_start < now() - interval '1 year')`,
  `delete from command.known_addresses where last_at < now() - interval '30 days'`,
];

/**
 * The limits in PostgreSQL. `most`: attempts an hour and account (RATE_LIMIT_CREDENTIALS_PER_HOUR), ten times that an
 * address. Addresses stand there only as digests under `digestKey`.
 */
export const postgresCredentialLimits = (pool: Pool, most: number, digestKey: Buffer): CredentialLimits => {
  const query = async <Row extends QueryResultRow>(text: string, values: unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(text, values)).rows;
    } catch (cause) {
      throw new StoreUnavailable('The credential limits cannot be reached', { cause });
    }
  };
  return {
    async take({ kind, subject, address }) {
      const source = hmacOfParts(digestKey, ['limit', addressGroup(address)]).toString('hex');
      const [taken] = await query<Taken>(TAKE, [kind, subject ?? '', source, most, kind === 'sign-in']);
      if (!taken) throw new StoreUnavailable('The credential limits gave no answer');
      if (taken.wait_seconds > 0) return { retryAfter: taken.wait_seconds };
      const giveBack = async (): Promise<void> => {
        if (subject !== null) await query(GIVE_BACK_ACCOUNT, [kind, subject, taken.counted_address]);
        await query(GIVE_BACK_ADDRESS, [kind, source]);
      };
      const slot: Slot = {
        giveBack,
        async failed() {
          await query(FAILED, [kind, source]);
        },
        async signedIn() {
          await giveBack();
          if (subject !== null) await query(KNOW, [subject, source]);
        },
      };
      return slot;
    },
    async clear(userId) {
      await query(`delete from command.credential_counts where kind = 'sign-in' and subject = $1`, [userId]);
    },
    async sweep() {
      for (const text of SWEEP) await query(text, []);
    },
  };
};
