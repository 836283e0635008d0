import pg from 'pg';
import type { Clock } from '@rollbook/shared/kernel/clock';

export interface LeadershipOptions {
  readonly databaseUrl: string;
  /** Of all that ask under one name, one leads. */
  readonly name: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called at every look that finds another leader. */
  readonly onStandby?: () => void;
}

/** Milliseconds between two tries of a standby. */
const RETRY = 250;

/**
 * Waits as a standby until it leads, then runs `work`. Its signal aborts when the caller's does, and when the
 * connection that holds the lock breaks: another may lead from then on. So `work` must also be safe against a second
 * leader for a moment: whatever it saves is conditional on what was saved before.
 * Resolves with `work`, or at the caller's signal while it still waits. Throws what `work` throws, and when the
 * database cannot be reached.
 */
export const whileLeading = async (
  { databaseUrl, name, clock, signal, onStandby }: LeadershipOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: `rollbook projector ${name} lead`,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 5_000,
    query_timeout: 7_000,
    keepAlive: true,
  });
  const lost = new AbortController();
  const lose = (): void => {
    lost.abort();
  };
  client.on('error', lose);
  client.on('end', lose);
  try {
    await client.connect();
    await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3');
    while (!signal.aborted && !lost.signal.aborted) {
      const { rows } = await client.query<{ leads: boolean }>(
        `select pg_try_advisory_lock(hashtext('rollbook projector'), hashtext($1)) as leads`,
        [name],
      );
      if (rows[0]?.leads === true) {
        await work(AbortSignal.any([signal, lost.signal]));
        return;
      }
      onStandby?.();
      await clock.sleep(RETRY, signal);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
};
