import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { fromInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { personActor, writeContext, type Command } from '../command/command.ts';

/** How many of the newest events of the sign-in stream are looked through for the command's own. */
const LOOK_BACK = 50;

export interface RecordRefusalPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Records a refusal in the sign-in stream of whoever asked; a command that is sent again with its key, once. Throws
 * StoreUnavailable and OutcomeUnknown: then there is no answer but 503, for a trail that may miss an attempt is none.
 */
export const recordRefusal = (
  { log, clock, random }: RecordRefusalPorts,
  command: Command,
  userId: string,
  event: AnyNewEvent,
): Promise<'done'> => {
  const stream = signinStream(userId);
  const context = writeContext(command, command.idOf(0), personActor(userId));
  // Not the command's: beyond what is looked through, the same id again would stand in the way for ever.
  const id = random.uuid();
  return inRounds<'done'>({ clock, random }, async () => {
    const { events, end } = await log.read(stream, { direction: 'backwards', limit: LOOK_BACK });
    const own = events.find(({ type, metadata }) => type === event.type && metadata.commandId === context.commandId);
    if (own && fromInstant(own.recordedAt) + command.lifetime >= clock.now()) return 'done';
    await log.append(stream, end, [event], context, [id]);
    return AGAIN;
  });
};
