import type { Pool, QueryResultRow } from 'pg';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { StoredAnswers } from './stored-answers.ts';

/** Seconds after which a running mark counts as left behind by a process that died. */
const LEASE = 30;

// A new row, or one that is too old, or one whose owner died: then it is ours.
const BEGIN = `
  insert into command.stored_answers as known (scope, body_mac, state, lease_until, execution)
  values ($1, $2, 'running', now() + make_interval(secs => ${String(LEASE)}), $3)
  on conflict (scope) do update
    set body_mac = excluded.body_mac, state = 'running', lease_until = excluded.lease_until,
        execution = excluded.execution, created_at = now(),
        subject = null, key_id = null, nonce = null, ciphertext = null
    where known.created_at < now() - interval '24 hours'
       or (known.state = 'running' and known.lease_until < now() and known.body_mac = excluded.body_mac)
  returning scope`;

const FIND = `
  select body_mac, state, subject, key_id, nonce, ciphertext from command.stored_answers where scope = $1`;

const FINISH = `
  update command.stored_answers set state = 'done', subject = $2, key_id = $3, nonce = $4, ciphertext = $5
  where scope = $1 and execution = $6`;

const RELEASE = `
  delete from command.stored_answers where scope = $1 and execution = $2 and state = 'running'`;

interface Row extends QueryResultRow {
  readonly body_mac: string;
  readonly state: string;
  readonly subject: string | null;
  readonly key_id: string | null;
  readonly nonce: Buffer | null;
  readonly ciphertext: Buffer | null;
}

export const postgresStoredAnswers = (pool: Pool): StoredAnswers => {
  const query = async <R extends QueryResultRow>(text: string, values: unknown[]) => {
    try {
      return await pool.query<R>(text, values);
    } catch (cause) {
      throw new StoreUnavailable('The table of stored answers cannot be reached', { cause });
    }
  };
  return {
    async begin(scope, bodyMac, execution) {
      const begun = await query(BEGIN, [scope, bodyMac, execution]);
      if (begun.rowCount === 1) return { state: 'begun' };
      const row = (await query<Row>(FIND, [scope])).rows[0];
      if (!row) return { state: 'running' };
      if (row.body_mac !== bodyMac) return { state: 'other-body' };
      const { subject, key_id: keyId, nonce, ciphertext } = row;
      if (row.state !== 'done' || !subject || !keyId || !nonce || !ciphertext) return { state: 'running' };
      return { state: 'done', answer: { subject, keyId, nonce, ciphertext } };
    },
    async finish(scope, execution, { subject, keyId, nonce, ciphertext }) {
      await query(FINISH, [scope, subject, keyId, nonce, ciphertext, execution]);
    },
    async release(scope, execution) {
      await query(RELEASE, [scope, execution]);
    },
    async sweep() {
      const swept = await query(
        `delete from command.stored_answers where created_at < now() - interval '24 hours'`,
        [],
      );
      return swept.rowCount ?? 0;
    },
  };
};
