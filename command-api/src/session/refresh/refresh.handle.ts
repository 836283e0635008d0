import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Person } from '@rollbook/shared/person/person.state';
import { foldSession, type Session } from '@rollbook/shared/person/session.state';
import type { RefreshClaims, TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { readPerson } from '../../command/read-person.ts';
import { endSession } from '../end-session.handle.ts';
import { decideRefresh } from './refresh.decide.ts';

export interface RefreshPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly verifier: TokenVerifier;
  /** ms in which a repeat of the last use is taken for an accident (REFRESH_REUSE_GRACE). */
  readonly grace: number;
}

export interface Refreshed {
  readonly session: Session;
  readonly person: Person;
  /** The `SessionRefreshed` event. */
  readonly event: AnyEvent;
}

/**
 * Trades a refresh token for the next. Of many who send the same token at once exactly one wins. A token that was used
 * before ends the session, and the 401 comes only after the end stands in the log (RFC 9700, 4.14.2).
 */
export const refresh = async (ports: RefreshPorts, command: Command, token: string): Promise<Refreshed | Rejection> => {
  const verified = ports.verifier.refresh(token, ports.clock.now());
  if (verified.outcome === 'bad') return reject('refresh_token_invalid');
  if (verified.outcome === 'expired') return reject('refresh_token_expired');
  return rotate(ports, command, verified.claims);
};

const rotate = (ports: RefreshPorts, command: Command, claims: RefreshClaims): Promise<Refreshed | Rejection> => {
  const { log, clock, grace } = ports;
  const commandId = command.idOf(0);
  const context = writeContext(command, commandId, personActor(claims.sub));
  const stream = sessionStream(claims.sid);
  const startedAt = clock.now();
  let wrote = false;
  return inRounds<Refreshed | Rejection>(ports, async () => {
    const { events, end } = await log.read(stream);
    const session = foldSession(events);
    const { person } = await readPerson(log, claims.sub);
    // A store may answer "stored" to a repeat; what was recorded before this execution began is not its own.
    const justWrote = wrote && session !== null && fromInstant(session.refreshedAt) >= startedAt;
    const facts = { session, person, tokenId: claims.jti, generation: claims.gen, commandId, justWrote, grace };
    const decision = decideRefresh({ ...facts, now: clock.now() });
    if (typeof decision !== 'string') return decision;
    if (session === null) return reject('refresh_token_invalid');
    if (decision === 'replayed') {
      await endSession(ports, claims.sid, 'replayed', context);
      return reject('refresh_session_ended');
    }
    if (decision === 'rotate') {
      const data = { userId: claims.sub, generation: session.generation + 1 };
      const result = await log.append(stream, end, [{ type: 'SessionRefreshed', data, personal: null }], context);
      wrote = result.outcome === 'stored';
      return AGAIN;
    }
    const event = events.findLast(({ id }) => id === session.tokenId);
    return event ? { session, person, event } : AGAIN;
  });
};
