import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd, WriteContext } from '@rollbook/shared/event-log/event-log';
import { derivedUuid } from '@rollbook/shared/kernel/digest';

/** Gives up claims that a person holds and has not used, so that others may have the names. False after a lost race. */
export const forfeitOwn = async (
  log: EventLog,
  userId: string,
  end: StreamEnd,
  claimIds: readonly string[],
  context: WriteContext,
): Promise<boolean> => {
  const stream = userStream(userId);
  const events = claimIds.map((claimId): AnyNewEvent => ({
    type: 'ClaimForfeited',
    data: { claimId },
    personal: null,
  }));
  const ids = claimIds.map((claimId, index) => derivedUuid('fence', stream, claimId, String(end.revision + 1 + index)));
  return (await log.append(stream, end, events, context, ids)).outcome !== 'conflict';
};
