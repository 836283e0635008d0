import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Authority } from '@rollbook/shared/person/authority';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { ownEffect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';

export interface LogoutEverywherePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
}

/**
 * Ends every session of the person, the caller's own included: by one event that all sessions are compared with, so a
 * sign-in that is under way is ended too. `userId` is the caller whom the edge has let in.
 */
export const logoutEverywhere = (
  ports: LogoutEverywherePorts,
  command: Command,
  userId: string,
): Promise<AnyEvent | Rejection> =>
  inRounds<AnyEvent | Rejection>(ports, async () => {
    const commandId = command.idOf(0);
    const { end, events } = await readPerson(ports.log, userId);
    // First: this command ends the very session that it is asked by.
    const effect = ownEffect(events, commandId);
    if (effect) return effect.last;
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const refused = refuseIfMatch(command.ifMatch, events);
    if (refused) return refused;
    const event = { type: 'SignedOutEverywhere', data: {}, personal: null } as const;
    await ports.log.append(userStream(userId), end, [event], writeContext(command, commandId, personActor(userId)));
    return AGAIN;
  });
