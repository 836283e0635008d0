import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { ADMIN_ROSTER, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd, WriteContext } from '@rollbook/shared/event-log/event-log';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Person } from '@rollbook/shared/person/person.state';
import { halfDoneRemoval, othersStay, removalEvent, removalOf, type Removal } from './removal.decide.ts';
import { foldRoster, type Roster } from './roster.state.ts';

export interface ReadRoster {
  readonly roster: Roster;
  readonly end: StreamEnd;
}

export const readRoster = async (log: EventLog): Promise<ReadRoster> => {
  const { events, end } = await log.read(ADMIN_ROSTER);
  return { roster: foldRoster(events), end };
};

/**
 * Completes a removal that somebody began and did not end: exactly that one, under the event id that its own command
 * would use, so that a retry of that command finds it. True when there was one: then read everything again.
 */
export const completeHalfDone = async (
  log: EventLog,
  target: { readonly person: Person; readonly end: StreamEnd },
  { roster }: ReadRoster,
  requestId: string,
): Promise<boolean> => {
  const unlisting = halfDoneRemoval(target.person, roster);
  if (!unlisting) return false;
  const { commandId } = unlisting.data;
  const stream = userStream(unlisting.data.userId);
  const context: WriteContext = {
    // Who began it did it; that somebody else finished it shows in the request.
    actor: unlisting.metadata.actor,
    origin: null,
    requestId,
    correlationId: unlisting.metadata.correlationId,
    causationId: unlisting.id,
    commandId,
  };
  const event = removalEvent(removalOf(unlisting), target.person);
  await log.append(stream, target.end, [event], context, [eventIdOf(commandId, stream, 0)]);
  return true;
};

/**
 * Takes an administrator's current grant off the roster, before the person's own event. `again`: written or lost, so
 * read everything again. Refused when nobody else would stay listed.
 */
export const unlistGrant = async (
  log: EventLog,
  { roster, end }: ReadRoster,
  grantId: string,
  userId: string,
  removal: Removal,
  context: WriteContext,
): Promise<'unlisted' | 'again' | Rejection> => {
  if (roster.unlisted.has(grantId)) return 'unlisted';
  if (!othersStay(roster, grantId)) return reject('last_admin');
  const data = { grantId, userId, removal: removal.kind, to: removal.to, commandId: context.commandId };
  const id = derivedUuid('unlisting', grantId, context.commandId);
  await log.append(ADMIN_ROSTER, end, [{ type: 'AdminUnlisted', data, personal: null }], context, [id]);
  return 'again';
};
