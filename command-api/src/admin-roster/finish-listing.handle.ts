import { ADMIN_ROSTER, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import { canSignIn, foldPerson } from '@rollbook/shared/person/person.state';
import { foldRoster } from './roster.state.ts';

interface Ports {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Lists an administrator's current grant when it is neither listed nor unlisted. The grant stands in the person's
 * stream first, so the roster never names somebody who is no administrator; a removal unlists first, so a grant that
 * was removed meanwhile is found unlisted. Only who can sign in now is listed.
 */
export const finishListing = (ports: Ports, userId: string, context: WriteContext): Promise<'done'> =>
  inRounds<'done'>(ports, async () => {
    const roster = await ports.log.read(ADMIN_ROSTER);
    const { listed, unlisted } = foldRoster(roster.events);
    // Read after the roster: a person who is no administrator any more was unlisted before that.
    const person = foldPerson((await ports.log.read(userStream(userId))).events);
    const { grantId } = person;
    if (person.role !== 'admin' || grantId === null || !canSignIn(person)) return 'done';
    if (listed.has(grantId) || unlisted.has(grantId)) return 'done';
    const event = { type: 'AdminListed', data: { grantId, userId }, personal: null } as const;
    await ports.log.append(ADMIN_ROSTER, roster.end, [event], context, [derivedUuid('listing', grantId)]);
    return AGAIN;
  });
