import pg from 'pg';

/** Most time (ms) that the server may spend on one statement, on a lock, or on an open transaction that idles. */
export const SERVER_LIMIT = 1_000;
/** A server that does not answer within this time (ms) is taken for gone; the outcome is then unknown. */
export const ANSWER_LIMIT = 2_000;
/** Most time (ms) that a statement waits for a free connection: a burst of callers is no sign of a server that is gone. */
export const TURN_LIMIT = 5_000;

/** How every connection to the log is set up. */
export const connectionSettings = (url: string, applicationName: string): pg.ClientConfig => ({
  connectionString: url,
  application_name: applicationName,
  connectionTimeoutMillis: SERVER_LIMIT,
  statement_timeout: SERVER_LIMIT,
  lock_timeout: SERVER_LIMIT,
  idle_in_transaction_session_timeout: SERVER_LIMIT,
  query_timeout: ANSWER_LIMIT,
  keepAlive: true,
  // An answered append must survive a crash of the server, whatever its default is.
  options: '-c synchronous_commit=on',
});

/** The pool's own limit covers waiting for a turn too, so the one for connecting is set at each connection. */
class LogClient extends pg.Client {
  constructor(settings?: pg.ClientConfig) {
    super({ ...settings, connectionTimeoutMillis: ANSWER_LIMIT });
  }
}

export const logPool = (url: string, applicationName: string, max: number): pg.Pool => {
  const settings = { ...connectionSettings(url, applicationName), connectionTimeoutMillis: TURN_LIMIT };
  const pool = new pg.Pool({ ...settings, Client: LogClient, max, idleTimeoutMillis: 30_000 });
  // A connection may break at any moment, idle, lent out or between the two; without a listener that would end the
  // process. An idle one leaves the pool by itself, and for one at work the query's rejection tells.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

/** No connection was made, so no statement was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/**
 * Runs one statement on a connection of the pool. The connection is kept only when the server answered, with rows or
 * with an error. Throws NotConnected, or what the driver throws.
 */
export const runOn = async (
  pool: pg.Pool,
  query: pg.QueryConfig & { readonly query_timeout?: number },
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (cause) {
    throw new NotConnected('The log cannot be reached', { cause });
  }
  let broken = true;
  try {
    const { rows } = await client.query<Record<string, unknown>>(query);
    broken = false;
    return rows;
  } catch (fault) {
    broken = !wasRolledBack(fault);
    throw fault;
  } finally {
    client.release(broken);
  }
};

/**
 * True when the server said, on a connection that goes on, that the statement failed: then its transaction was rolled
 * back. FATAL (a connection that was ended) says nothing: it may come between the commit and its answer. Where messages
 * are translated the severity is too, and the answer is the careful one.
 */
export const wasRolledBack = (fault: unknown): boolean =>
  fault instanceof pg.DatabaseError && fault.severity === 'ERROR' && fault.code !== '40003' && fault.code !== '08007';

/** True when the server will never take these bytes, however often they are sent (SQLSTATE classes 22 and 54). */
export const isRefusedData = (fault: unknown): boolean =>
  fault instanceof pg.DatabaseError && wasRolledBack(fault) && /^(?:22|54)/.test(fault.code ?? '');
