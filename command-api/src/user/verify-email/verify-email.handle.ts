import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { finishListing } from '../../admin-roster/finish-listing.handle.ts';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { decideVerifyEmail } from './verify-email.decide.ts';

export interface LinkPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly links: LinkTokens;
}

/** Verifies the address that a link was mailed to. Of many who open one link at once, exactly one succeeds. */
export const verifyEmail = async (ports: LinkPorts, command: Command, token: string): Promise<Effect | Rejection> => {
  const verified = ports.links.verify(token, 'verify-email', ports.clock.now());
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
      if (person.existence === 'erased') return reject('not_found');
      if (person.role === 'admin')
        await finishListing(ports, userId, writeContext(command, commandId, personActor(userId)));
      return effect;
    }
    const decided = decideVerifyEmail(person, link);
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('link_invalid');
    // Whoever opens the mailbox acts as its owner.
    await ports.log.append(userStream(userId), end, decided, writeContext(command, commandId, personActor(userId)));
    return AGAIN;
  });
};
