import pg from 'pg';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Shown in `pg_stat_activity`, so that an operator sees whose connection it is. */
  readonly applicationName: string;
  /** Most connections at once. Default 10. */
  readonly max?: number;
  /** Milliseconds to wait for a connection. Default 2,000. */
  readonly connectTimeout?: number;
  /** Milliseconds for one statement. Default 5,000. */
  readonly statementTimeout?: number;
  /** Milliseconds to wait for a lock. Default: that of a statement. */
  readonly lockTimeout?: number;
  /** Milliseconds that an open transaction may idle; then the server ends the connection. Default 5,000. */
  readonly idleInTransactionTimeout?: number;
  /** Told of connections that broke while nobody used them; the pool replaces them by itself. */
  readonly onError?: (fault: unknown) => void;
}

/**
 * A pool in which nothing waits for ever: connecting, statements, locks and idle transactions are all bounded.
 * The caller ends it.
 */
export const createPool = (options: PoolOptions): Pool => {
  const statement = options.statementTimeout ?? 5_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectTimeout ?? 2_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statement,
    lock_timeout: options.lockTimeout ?? statement,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeout ?? 5_000,
    // The server's own limit comes first; this one is for a server that no longer answers at all.
    query_timeout: statement + 2_000,
    keepAlive: true,
    // Whatever the server's default: a key, above all, must be durable before the first event that uses it.
    options: '-c synchronous_commit=on',
  });
  // Without a listener, a connection that breaks would end the process: while it is idle, and while somebody holds it
  // between two queries (whose next query then fails).
  pool.on('error', (fault) => options.onError?.(fault));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};
