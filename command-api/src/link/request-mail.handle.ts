import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import type { Person } from '@rollbook/shared/person/person.state';
import { findOwner } from '../claim/find-owner.ts';
import { Attempts } from '../command/attempts.ts';
import { ANONYMOUS, writeContext, type Command } from '../command/command.ts';
import type { CredentialLimits } from '../credential-limits/credential-limits.ts';
import { mayMail } from '../credential-limits/may-mail.handle.ts';

export interface RequestMailPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: NameDigests;
  readonly limits: CredentialLimits;
}

export interface WantedMail {
  readonly kind: Parameters<typeof mayMail>[1];
  readonly canonicalEmail: string;
  readonly portal: string | null;
  /** The events that ask for the mail; none where the account's state sends nothing. */
  readonly decide: (owner: Person, portal: string | null) => readonly AnyNewEvent[];
}

/**
 * Asks for a mail to the owner of an address, where there is one. Runs after the answer was sent, so that nobody learns
 * whether there is. Once a command, within the limits.
 */
export const requestMail = async (ports: RequestMailPorts, command: Command, wanted: WantedMail): Promise<'done'> => {
  const digest = ports.digests.email(wanted.canonicalEmail);
  if (!(await mayMail(ports, wanted.kind, digest, command))) return 'done';
  const attempts = new Attempts(command, ports.clock);
  return inRounds<'done'>(ports, async () => {
    const { commandId } = attempts;
    const owner = await findOwner(ports.log, 'email', digest);
    if (!owner?.person.id) return 'done';
    const effect = attempts.effectIn(owner.events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return 'done';
    const events = wanted.decide(owner.person, wanted.portal);
    if (events.length === 0) return 'done';
    const context = writeContext(command, commandId, ANONYMOUS);
    await ports.log.append(userStream(owner.person.id), owner.end, events, context);
    return AGAIN;
  });
};
