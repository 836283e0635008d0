import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import type { StreamedBody } from '@rollbook/shared/http/send-stream';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { refuseReader } from './ask.ts';
import type { QueryAuthority } from './query-authority.ts';

export interface WhileAllowedParts {
  readonly authority: Pick<QueryAuthority, 'look' | 'expiryOf'>;
  readonly clock: Clock;
}

/** Between two looks at who reads, in ms: a stream ends within a second, and the look itself may wait for half of one. */
const LOOK = 250;

/**
 * The stream for as long as whoever opened it may read it: until the key, session or role ends, or the token's own `exp`
 * without any leeway. While the log is away the rules of `QueryAuthority.look` hold; where nobody can tell, it ends.
 */
export const whileAllowed = (
  { authority, clock }: WhileAllowedParts,
  context: RequestContext,
  stream: Omit<StreamedBody, 'until'>,
): StreamedBody | Rejection => {
  const expiry = authority.expiryOf(context.bearer) ?? Infinity;
  const expired = (): Rejection | null => (clock.now() >= expiry ? reject('token_expired') : null);
  const until = async (over: AbortSignal): Promise<Rejection> => {
    for (;;) {
      await clock.sleep(Math.max(0, Math.min(LOOK, expiry - clock.now())), over);
      if (over.aborted) return reject('unavailable');
      const reader = await authority.look(context.bearer);
      const refused = expired() ?? (isRejection(reader) ? reader : refuseReader(context, reader));
      if (refused) return refused;
    }
  };
  return expired() ?? { ...stream, until };
};
