import type { Client, Pool } from './pool.ts';

/**
 * Runs `work` in one transaction (read committed) on one connection and gives its result after the commit.
 * A throw rolls back and is passed on. A throw of the commit itself leaves open whether it was done: the caller
 * must be able to tell, or to repeat.
 */
export const withTransaction = async <T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken: unknown = null;
  // A connection that breaks between two statements says so by an event, which ends the process if nobody listens.
  const note = (fault: unknown): void => void (broken = fault);
  client.on('error', note);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (fault) {
    await client.query('rollback').catch(note);
    throw fault;
  } finally {
    client.off('error', note);
    client.release(broken !== null);
  }
};
