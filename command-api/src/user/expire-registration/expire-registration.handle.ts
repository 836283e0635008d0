import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd, WriteContext, WriteResult } from '@rollbook/shared/event-log/event-log';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Person } from '@rollbook/shared/person/person.state';

type Reason = 'expired' | 'rejected' | 'superseded';

/**
 * Ends a pending registration for good, at the exact revision that was read: whatever happened meanwhile (a
 * verification, say) wins. Both events stand in one append. The follower of the log destroys the key.
 */
export const expireRegistration = (
  log: EventLog,
  holder: { readonly person: Person; readonly end: StreamEnd },
  reason: Reason,
  context: WriteContext,
): Promise<WriteResult> => {
  const stream = userStream(holder.person.id ?? '');
  const ids = [0, 1].map((index) =>
    derivedUuid('expiry', context.commandId, stream, String(holder.end.revision), String(index)),
  );
  return log.append(
    stream,
    holder.end,
    [
      { type: 'RegistrationExpired', data: { reason }, personal: null },
      { type: 'PersonErased', data: { reason: 'registration-expired' }, personal: null },
    ],
    context,
    ids,
  );
};
