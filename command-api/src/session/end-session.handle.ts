import { sessionStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import { foldSession } from '@rollbook/shared/person/session.state';

interface Ports {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
}

/** Resolves when the session's end stands in its stream, whoever wrote it; at once when there is no such session. */
export const endSession = (
  ports: Ports,
  sessionId: string,
  reason: 'logout' | 'replayed' | 'revoked',
  context: WriteContext,
): Promise<'done'> =>
  inRounds<'done'>(ports, async () => {
    const stream = sessionStream(sessionId);
    const { events, end } = await ports.log.read(stream);
    const session = foldSession(events);
    if (session === null || session.ended) return 'done';
    const event = { type: 'SessionEnded', data: { userId: session.userId, reason }, personal: null } as const;
    await ports.log.append(stream, end, [event], context, [derivedUuid('session-end', stream, context.commandId)]);
    return AGAIN;
  });
