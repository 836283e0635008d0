import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { finishErasure, type FinishErasurePorts } from '../erase-user/finish-erasure.handle.ts';
import type { LinkPorts } from '../verify-email/verify-email.handle.ts';
import { decideConfirmErasure } from './confirm-erasure.decide.ts';

export type ConfirmErasurePorts = LinkPorts & FinishErasurePorts;

/** Confirms a request for erasure by the link that was mailed. Of many who open one link, exactly one succeeds. */
export const confirmErasure = async (
  ports: ConfirmErasurePorts,
  command: Command,
  token: string,
): Promise<Effect | Rejection> => {
  const verified = ports.links.verify(token, 'confirm-erasure', ports.clock.now());
  if (verified.outcome === 'bad') return reject('link_invalid');
  const { sub: userId, rid: requestId, adr: emailDigest } = verified.claims;
  const link = { requestId, emailDigest, expired: verified.outcome === 'expired' };
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const { commandId } = attempts;
    const target = await readPerson(ports.log, userId);
    const { person, end, events } = target;
    await finishErasure(ports, target);
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return person.existence === 'erased' ? reject('not_found') : effect;
    const decided = decideConfirmErasure(person, link);
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('link_invalid');
    // Whoever opens the mailbox acts as its owner.
    await ports.log.append(userStream(userId), end, decided, writeContext(command, commandId, personActor(userId)));
    return AGAIN;
  });
};
