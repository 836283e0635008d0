import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { endSession } from '../end-session.handle.ts';

interface Ports {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly verifier: TokenVerifier;
}

/**
 * Ends the session of either token, expired or not: whoever wants to leave may. `done` also when it had ended before.
 * The session's id is in the answer so that the caller can vouch for what it wrote.
 */
export const logout = async (
  ports: Ports,
  command: Command,
  token: { readonly kind: 'access' | 'refresh'; readonly value: string },
): Promise<{ readonly sessionId: string } | Rejection> => {
  const now = ports.clock.now();
  const verified =
    token.kind === 'access' ? ports.verifier.access(token.value, now) : ports.verifier.refresh(token.value, now);
  if (verified.outcome === 'bad') return reject(token.kind === 'access' ? 'token_invalid' : 'refresh_token_invalid');
  const { sid, sub } = verified.claims;
  await endSession(ports, sid, 'logout', writeContext(command, command.idOf(0), personActor(sub)));
  return { sessionId: sid };
};
