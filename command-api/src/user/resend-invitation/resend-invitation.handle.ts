import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Authority } from '@rollbook/shared/person/authority';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { decideResendInvitation, refuseInviter } from './resend-invitation.decide.ts';

export interface ResendInvitationPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
}

/** Invites somebody again who has no password yet. */
export const resendInvitation = (
  ports: ResendInvitationPorts,
  command: Command,
  wanted: { readonly userId: string; readonly portal: string | null },
): Promise<Effect | Rejection> => {
  const attempts = new Attempts(command, ports.clock);
  return inRounds<Effect | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const { commandId } = attempts;
    const { person, end, events } = await readPerson(ports.log, wanted.userId);
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return refuseInviter(caller, person) ?? effect;
    const decided = decideResendInvitation(caller, person, wanted.portal);
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('not_found');
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(userStream(wanted.userId), end, decided, context);
    return AGAIN;
  });
};
