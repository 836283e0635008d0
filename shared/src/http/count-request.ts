import type { ServerResponse } from 'node:http';
import type { Rejection } from '../contracts/rejections.ts';
import { SECOND, type Clock } from '../kernel/clock.ts';
import type { RequestCounter, Sender } from '../request-limits/request-counter.ts';
import { tooMany } from '../request-limits/too-many.ts';

export interface CountedRequest {
  readonly sender: Sender | null;
  /** As `origin.ts` reads it. */
  readonly address: string | null;
}

/**
 * Counts a request and says on its answer how its sender stands; where it is not counted, nothing is said. A rejection
 * when it is one too many. `X-RateLimit-Reset` is in whole seconds since 1970.
 */
export const countRequest = async (
  counter: RequestCounter | undefined,
  { sender, address }: CountedRequest,
  response: ServerResponse,
  clock: Clock,
): Promise<Rejection | null> => {
  const standing = await counter?.count(sender, address);
  if (!standing) return null;
  response.setHeader('X-RateLimit-Limit', String(standing.limit));
  response.setHeader('X-RateLimit-Remaining', String(standing.remaining));
  response.setHeader('X-RateLimit-Reset', String(Math.ceil((clock.now() + standing.resetsIn) / SECOND)));
  return standing.isOver ? tooMany(standing.resetsIn) : null;
};
