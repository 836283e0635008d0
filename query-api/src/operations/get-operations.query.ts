import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { inTime } from '@rollbook/shared/kernel/in-time';
import type { Pool } from '@rollbook/shared/sql/pool';
import { z } from 'zod';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { rethrow } from '../read-model/database-faults.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { Operations } from './operations.schema.ts';
import { MOST, selectOperations, toOperations, type FoundOperations } from './select-operations.ts';
import { standingOfRedrives, type StandingOfRedrivesParts } from './standing-of-redrives.ts';

export interface GetOperationsParts extends Pick<QueryParts, 'authority'>, StandingOfRedrivesParts {
  readonly store: Pick<EventStore, 'end' | 'distance'>;
}

/** Longest wait for the log's end, in ms: this answer is wanted most when something is away. */
const LOG_MS = SECOND;

/** `GET /operations`. Unlike a query of a read model it answers whatever state the followers are in. */
export const getOperations = (parts: GetOperationsParts): Endpoint =>
  defineEndpoint({
    operation: 'getOperations',
    tag: 'Operations',
    summary: 'How the service runs',
    description:
      'Where every follower of the log stands, what is parked, the dead letters and the queue of mails. At most ' +
      `${String(MOST)} parked events (in the log's order) and dead letters (the newest first) are listed; the totals ` +
      'count all. While the log is away, `log.available` is false. No personal value is shown.',
    token: 'required',
    permission: { who: 'permitted', may: 'operate' },
    query: z.strictObject({}),
    answers: { 200: { description: 'The state of the service', body: Operations } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: (_input, context) =>
      ask({ authority: parts.authority, readModel: standingOfRedrives(parts) }, context, async () => {
        const [found, log] = await Promise.all([read(parts.pool), endOf(parts)]);
        const behind = (position: string | null): number | null => {
          const events = parts.store.distance?.(position as Position | null, log.end as Position | null);
          return events === undefined ? null : Math.max(0, events);
        };
        const body = toOperations(found, log, behind);
        // What a request to try something again waits for; the others say their own beside.
        const acting = body.followers.find(({ name }) => name === 'redrive');
        const headers = projectionHeaders({ position: acting?.position ?? null, lagMs: acting?.lag_ms ?? 0 });
        return { status: 200, body, headers };
      }),
  });

const read = async (pool: Pool): Promise<FoundOperations> => {
  const { text, values } = selectOperations();
  try {
    const { rows } = await pool.query<{ found: FoundOperations }>(text, [...values]);
    return (rows[0] as { found: FoundOperations }).found;
  } catch (fault) {
    return rethrow(fault);
  }
};

const endOf = async ({ store, clock }: Pick<GetOperationsParts, 'store' | 'clock'>): Promise<Operations['log']> => {
  const away = { available: false, end: null };
  const asked = store.end().then((end) => ({ available: true, end }));
  try {
    return await inTime(clock, LOG_MS, asked, () => away);
  } catch {
    return away;
  }
};
