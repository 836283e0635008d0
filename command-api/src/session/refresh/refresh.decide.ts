import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { Person } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import type { Session } from '@rollbook/shared/person/session.state';

export interface RefreshFacts {
  readonly session: Session | null;
  readonly person: Person;
  /** `jti` and `gen` of the token that was sent. */
  readonly tokenId: string;
  readonly generation: number;
  readonly commandId: string;
  /** Whether this very execution has just appended the refresh. */
  readonly justWrote: boolean;
  /** ms since 1970, and ms. */
  readonly now: number;
  readonly grace: number;
}

/**
 * - `rotate`: the token is the current one; make the next generation
 * - `answer`: this command made the current generation; give its answer (again)
 * - `replayed`: the token was used before and its grace is over; end the session, then 401
 */
export type RefreshDecision = 'rotate' | 'answer' | 'replayed' | Rejection;

export const decideRefresh = (facts: RefreshFacts): RefreshDecision => {
  const { session, person, tokenId, generation, commandId, now, grace } = facts;
  if (session === null || session.userId !== person.id) return reject('refresh_token_invalid');
  if (session.ended || session.expiresAt * 1_000 <= now) return reject('refresh_session_ended');
  if (person.existence !== 'registered' || person.status !== 'active') return reject('refresh_session_ended');
  if (endsSession(person, session.id, session.ver)) return reject('refresh_session_ended');
  if (tokenId === session.tokenId) return 'rotate';
  // Older than the token used last: nobody honest still has it.
  if (tokenId !== session.previousTokenId || generation !== session.generation - 1) return 'replayed';
  const inGrace = now - fromInstant(session.refreshedAt) < grace;
  if (session.refreshedBy === commandId && (facts.justWrote || inGrace)) return 'answer';
  return inGrace ? reject('refresh_in_grace') : 'replayed';
};
