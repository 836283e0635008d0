import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { claimIdOf, lookAtName, takeName } from '../../claim/claims.handle.ts';
import { forfeitOwn } from '../../claim/forfeit-own.handle.ts';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { expireRegistration } from '../expire-registration/expire-registration.handle.ts';
import type { LinkPorts } from '../verify-email/verify-email.handle.ts';
import { refuseEmailChange } from './confirm-email-change.decide.ts';

export interface ConfirmEmailPorts extends LinkPorts {
  /** ms */
  readonly pendingTtl: number;
}

/**
 * Changes the address that a link proved. The address is claimed only now, so nobody holds one that they cannot read;
 * a registration of it that was never verified gives way, an account that is active keeps it (409).
 */
export const confirmEmailChange = async (
  ports: ConfirmEmailPorts,
  command: Command,
  token: string,
): Promise<Effect | Rejection> => {
  const verified = ports.links.verify(token, 'confirm-email-change', ports.clock.now());
  if (verified.outcome === 'bad') return reject('link_invalid');
  const { sub: userId, rid: requestId, adr: emailDigest } = verified.claims;
  const link = { requestId, emailDigest, expired: verified.outcome === 'expired' };
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const { commandId } = attempts;
    const context = writeContext(command, commandId, personActor(userId));
    const target = await readPerson(ports.log, userId);
    const { person, end, events } = target;
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (person.forfeitedClaims.includes(claimIdOf(commandId, 'email', emailDigest))) return attempts.next();
    if (effect) return person.existence === 'erased' ? reject('not_found') : effect;
    const seen = await lookAtName(ports, 'email', emailDigest, commandId);
    const inUse = seen.verdict === 'in-use';
    // Another click was faster, after this one had read the person.
    if (inUse && seen.holder?.person.id === userId && !refuseEmailChange(person, link)) return AGAIN;
    if (inUse && seen.holder?.person.status === 'pending' && !refuseEmailChange(person, link)) {
      await expireRegistration(ports.log, seen.holder, 'superseded', context);
      return AGAIN;
    }
    const refusal =
      refuseEmailChange(person, link) ??
      refuseIfMatch(command.ifMatch, events) ??
      (inUse ? reject('email_taken') : seen.verdict === 'in-progress' ? reject('email_in_progress') : null);
    if (refusal) {
      if (seen.verdict !== 'own') return refusal;
      return (await forfeitOwn(ports.log, userId, end, [seen.ownClaimId], context)) ? refusal : AGAIN;
    }
    if ((await takeName(ports, seen, userId, context)) === 'again') return AGAIN;
    const personal = {
      email: person.emailChange?.email ?? '',
      formerEmail: person.email ?? '',
      username: person.username ?? '',
    };
    const data = { claimId: seen.ownClaimId, emailDigest, requestId, portal: null, keptSessionId: null };
    await ports.log.append(userStream(userId), end, [{ type: 'EmailChanged', data, personal }], context);
    return AGAIN;
  });
};
