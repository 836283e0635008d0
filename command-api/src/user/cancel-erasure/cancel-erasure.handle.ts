import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Authority } from '@rollbook/shared/person/authority';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { finishErasure, type FinishErasurePorts } from '../erase-user/finish-erasure.handle.ts';
import { decideCancelErasure, refuseCancel } from './cancel-erasure.decide.ts';

export interface CancelErasurePorts extends FinishErasurePorts {
  readonly authority: Authority;
}

/** Takes a request for erasure back. Against an erasure at the same moment, whichever is first in the stream wins. */
export const cancelErasure = (
  ports: CancelErasurePorts,
  command: Command,
  userId: string,
): Promise<Effect | Rejection> => {
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const { commandId } = attempts;
    const target = await readPerson(ports.log, userId);
    const { person, end, events } = target;
    await finishErasure(ports, target);
    const refused = refuseCancel(caller, person);
    if (refused) return refused;
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return effect;
    const decided = decideCancelErasure(person);
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('not_found');
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(userStream(userId), end, decided, context);
    return AGAIN;
  });
};
