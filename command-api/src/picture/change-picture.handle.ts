import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Authority } from '@rollbook/shared/person/authority';
import type { Person } from '@rollbook/shared/person/person.state';
import { completeHalfDone, readRoster } from '../admin-roster/remove-admin.handle.ts';
import { Attempts } from '../command/attempts.ts';
import { personActor, writeContext, type Command } from '../command/command.ts';
import { refuseIfMatch } from '../command/if-match.ts';
import type { Effect } from '../command/own-events.ts';
import { readPerson } from '../command/read-person.ts';
import { finishErasure, type FinishErasurePorts } from '../user/erase-user/finish-erasure.handle.ts';
import { refusePictureChange } from './change-picture.decide.ts';

export interface ChangePicturePorts extends FinishErasurePorts {
  readonly authority: Pick<Authority, 'check'>;
}

export interface PictureChange {
  readonly userId: string;
  /** What happens, decided anew in every round; what it prepares (encoding, storing) it does once. */
  readonly decide: (person: Person) => Promise<readonly AnyNewEvent[] | Rejection>;
}

/** Sets or removes a picture. Session, permission and state are looked at again in every round. */
export const changePicture = (
  ports: ChangePicturePorts,
  command: Command,
  { userId, decide }: PictureChange,
): Promise<Effect | Rejection> => {
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const { commandId } = attempts;
    const target = await readPerson(ports.log, userId);
    const { person, end, events } = target;
    await finishErasure(ports, target);
    const refused = refusePictureChange(caller, person);
    if (refused) return refused;
    const roster = person.role === 'admin' ? await readRoster(ports.log) : null;
    if (roster && (await completeHalfDone(ports.log, target, roster, command.requestId))) return AGAIN;
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return effect;
    const unmet = refuseIfMatch(command.ifMatch, events);
    if (unmet) return unmet;
    const decided = await decide(person);
    if (isRejection(decided)) return decided;
    const last = events.at(-1);
    if (decided.length === 0) return last ? { person, last } : reject('not_found');
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(userStream(userId), end, decided, context);
    return AGAIN;
  });
};
