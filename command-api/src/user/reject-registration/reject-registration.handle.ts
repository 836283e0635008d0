import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { Attempts } from '../../command/attempts.ts';
import { ANONYMOUS, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { readPerson } from '../../command/read-person.ts';
import { expireRegistration } from '../expire-registration/expire-registration.handle.ts';
import type { LinkPorts } from '../verify-email/verify-email.handle.ts';
import { refuseRejection } from './reject-registration.decide.ts';

export interface RejectPorts extends LinkPorts {
  readonly keys: KeyRing;
}

/** "This was not me": erases the pending account at once and frees its names. The event, also for a keyed repeat. */
export const rejectRegistration = async (
  ports: RejectPorts,
  command: Command,
  token: string,
): Promise<AnyEvent | Rejection> => {
  const verified = ports.links.verify(token, 'reject-registration', ports.clock.now());
  if (verified.outcome === 'bad') return reject('link_invalid');
  const { sub: userId, rid: requestId, adr: emailDigest } = verified.claims;
  const link = { requestId, emailDigest, expired: verified.outcome === 'expired' };
  const attempts = new Attempts(command, ports.clock);
  return inRounds(ports, async () => {
    const { commandId } = attempts;
    const { person, end, events } = await readPerson(ports.log, userId);
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) {
      // The follower of the log would do it too; here it is done before the answer.
      await ports.keys.destroy(userId, effect.last.position);
      return effect.last;
    }
    const refusal = refuseRejection(person, link) ?? refuseIfMatch(command.ifMatch, events);
    if (refusal) return refusal;
    await expireRegistration(ports.log, { person, end }, 'rejected', writeContext(command, commandId, ANONYMOUS));
    return AGAIN;
  });
};
