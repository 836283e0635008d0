import pg from 'pg';
import { BUILD_LOCK, RebuildUnderWay } from './building.ts';

export interface BuildLockOptions {
  readonly databaseUrl: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` while nobody else rebuilds this read model. Its signal aborts with the caller's, and when the connection
 * that holds the lock breaks. Throws RebuildUnderWay at once where somebody else does.
 */
export const withBuildLock = async <T>(
  { databaseUrl, name, signal }: BuildLockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: `rollbook rebuild ${name} lock`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  const lost = new AbortController();
  const lose = (): void => {
    lost.abort(new Error('The connection that holds the lock of the rebuild broke'));
  };
  client.on('error', lose);
  client.on('end', lose);
  try {
    await client.connect();
    await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3');
    const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${BUILD_LOCK}) as held`, [
      name,
    ]);
    if (rows[0]?.held !== true) throw new RebuildUnderWay(`Another rebuild of ${name} is under way`);
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    client.off('end', lose);
    await client.end().catch(() => undefined);
  }
};
