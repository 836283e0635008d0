import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import { findOwner } from '../../claim/find-owner.ts';
import { ANONYMOUS, writeContext, type Command } from '../../command/command.ts';
import { ownEffect } from '../../command/own-events.ts';
import { AGAIN, inRounds } from '../../command/rounds.ts';
import { decidePasswordResetRequest } from './request-password-reset.decide.ts';

export interface ForgotPasswordPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: NameDigests;
}

/** Asks for the mail that lets the owner of an address in again. Runs after the answer was sent. */
export const requestPasswordReset = (
  ports: ForgotPasswordPorts,
  command: Command,
  wanted: { readonly canonicalEmail: string; readonly portal: string | null },
): Promise<'done'> =>
  inRounds<'done'>(ports, async () => {
    const commandId = command.idOf(0);
    const owner = await findOwner(ports.log, 'email', ports.digests.email(wanted.canonicalEmail));
    if (!owner?.person.id || ownEffect(owner.events, commandId)) return 'done';
    const events = decidePasswordResetRequest(owner.person, wanted.portal);
    if (events.length === 0) return 'done';
    const context = writeContext(command, commandId, ANONYMOUS);
    await ports.log.append(userStream(owner.person.id), owner.end, events, context);
    return AGAIN;
  });
