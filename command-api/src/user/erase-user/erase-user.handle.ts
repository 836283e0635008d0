import { holds } from '@rollbook/shared/contracts/permissions';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { erasureEvent } from '../../admin-roster/removal.decide.ts';
import { completeHalfDone, readRoster, unlistGrant } from '../../admin-roster/remove-admin.handle.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { readPerson, type ReadPerson } from '../../command/read-person.ts';
import type { Identify } from '../update-user/update.ts';
import { ERASE_USER, refuseErasure } from './erase-user.decide.ts';
import { finishErasure, type FinishErasurePorts } from './finish-erasure.handle.ts';

/**
 * Erases a person for good: an administrator is taken off the roster first, `PersonErased` stands at the exact revision
 * that was read, and before the answer the key is destroyed and the receipt signed. The receipt's event; null for a
 * pending registration that expired meanwhile.
 */
export const eraseUser = (
  ports: FinishErasurePorts,
  command: Command,
  userId: string,
  identify: Identify,
): Promise<AnyEvent | Rejection> => {
  const commandId = command.idOf(0);
  const stream = userStream(userId);
  let wrote = false;
  return inRounds<AnyEvent | Rejection>(ports, async () => {
    const caller = await identify();
    const target = await readPerson(ports.log, userId);
    const receipt = await finishErasure(ports, target);
    // Whoever erases themselves ends their own session: what this execution has done is done all the same.
    if (isRejection(caller)) return wrote && receipt && isOwn(target, commandId) ? receipt : caller;
    if (receipt && isOwn(target, commandId)) return holds(caller.role, ERASE_USER.may) ? receipt : reject('forbidden');

    const { person, end, events } = target;
    const refusal = refuseErasure(caller, person);
    if (refusal) return refusal;
    const context = writeContext(command, commandId, personActor(caller.userId));
    if (person.role === 'admin' && person.grantId !== null) {
      const roster = await readRoster(ports.log);
      if (await completeHalfDone(ports.log, target, roster, command.requestId)) return AGAIN;
      const unmet = refuseIfMatch(command.ifMatch, events);
      if (unmet) return unmet;
      const removal = { kind: 'erasure', to: null } as const;
      const unlisted = await unlistGrant(ports.log, roster, person.grantId, userId, removal, context);
      wrote ||= unlisted === 'again';
      if (unlisted === 'again') return AGAIN;
      if (unlisted !== 'unlisted') return unlisted;
    }
    const unmet = refuseIfMatch(command.ifMatch, events);
    if (unmet) return unmet;
    wrote = true;
    await ports.log.append(stream, end, [erasureEvent(person)], context, [eventIdOf(commandId, stream, 0)]);
    return AGAIN;
  });
};

const isOwn = ({ events }: ReadPerson, commandId: string): boolean =>
  events.some(({ type, metadata }) => type === 'PersonErased' && metadata.commandId === commandId);
