import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { OPERATIONS_STREAM } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { readSince } from '@rollbook/shared/event-log/read-since';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Authority } from '@rollbook/shared/person/authority';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { decideRedrive, refuseOperator, type Stopped } from './redrive.decide.ts';
import type { StoppedThings } from './stopped-things.ts';

export interface RedrivePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Pick<Authority, 'check'>;
  readonly stoppedThings: StoppedThings;
}

/**
 * Asks for something that stopped to be tried again; gives the event that says so. Sent again with its key it finds
 * that event, also when the thing has long gone on.
 */
export const redrive = (ports: RedrivePorts, command: Command, stopped: Stopped): Promise<AnyEvent | Rejection> => {
  // Not the command's: the stream is looked through only as far back as a key is kept, and an older event of the same
  // id would stand in the way for ever.
  const eventId = ports.random.uuid();
  return inRounds<AnyEvent | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const commandId = command.idOf(0);
    const since = ports.clock.now() - command.lifetime;
    const { events, end } = await readSince(ports.log, OPERATIONS_STREAM, since);
    const own = events.find(({ metadata }) => metadata.commandId === commandId);
    if (own && fromInstant(own.recordedAt) >= since) return refuseOperator(caller) ?? own;
    const decided = decideRedrive(caller, stopped, await ports.stoppedThings.has(stopped));
    if (isRejection(decided)) return decided;
    // Nothing that has an ETag is named (RFC 9110, 13.1.1).
    if (command.ifMatch !== null) return reject('precondition_failed');
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(OPERATIONS_STREAM, end, decided, context, [eventId]);
    return AGAIN;
  });
};
