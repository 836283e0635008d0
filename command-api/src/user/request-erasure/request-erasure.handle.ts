import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { CurrentPassword } from '../../password/check-current-password.ts';
import type { ChangePasswordPorts } from '../change-password/change-password.handle.ts';
import { decideRequestErasure, refuseRequest } from './request-erasure.decide.ts';

export type RequestErasurePorts = ChangePasswordPorts;

/** Asks for the own erasure. Session and password are looked at again in every round. */
export const requestErasure = (
  ports: RequestErasurePorts,
  command: Command,
  wanted: { readonly userId: string; readonly currentPassword: string; readonly portal: string | null },
): Promise<Effect | Rejection> => {
  const current = new CurrentPassword(ports, command, wanted.currentPassword);
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const { commandId } = attempts;
    const { person, end, events } = await readPerson(ports.log, wanted.userId);
    const refused = refuseRequest(caller, person);
    if (refused) return refused;
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return effect;
    const refusal =
      refuseIfMatch(command.ifMatch, events) ?? (await current.refuse(person.passwordHash, wanted.userId));
    if (refusal) return refusal;
    const decided = decideRequestErasure(person, wanted.portal);
    if (isRejection(decided)) return decided;
    const last = events.at(-1);
    if (decided.length === 0) return last ? { person, last } : reject('not_found');
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(userStream(wanted.userId), end, decided, context);
    return AGAIN;
  });
};
