import pg from 'pg';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';

// Connection faults, want of resources, an operator's or a timeout's end of the statement, and faults of the system.
const PASSING = /^(?:08|53|57|58|40|25P)/;

const QUERY_CANCELED = '57014';

/** Whether what `rethrow` threw says that the statement took too long. */
export const endedByTimeout = (fault: unknown): boolean =>
  fault instanceof StoreUnavailable && fault.cause instanceof pg.DatabaseError && fault.cause.code === QUERY_CANCELED;

/**
 * Rethrows a fault of the database: as StoreUnavailable when it may be gone at the next try (the server is away, too
 * slow or too busy), as it is when the statement itself is wrong.
 */
export const rethrow = (fault: unknown): never => {
  if (fault instanceof pg.DatabaseError && !PASSING.test(fault.code ?? '')) throw fault;
  throw new StoreUnavailable('The read model cannot be read', { cause: fault });
};
