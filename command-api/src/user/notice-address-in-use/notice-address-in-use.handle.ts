import { signinStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { findOwner } from '../../claim/find-owner.ts';
import { Attempts } from '../../command/attempts.ts';
import { ANONYMOUS, writeContext, type Command } from '../../command/command.ts';

/** How many of the newest events of the sign-in stream are looked through for the command's own. */
const LOOK_BACK = 50;

interface Ports {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
}

/** Tells the owner of an address by mail that somebody tried to register it; once a command. */
export const noticeAddressInUse = (
  ports: Ports,
  command: Command,
  wanted: { readonly emailDigest: string; readonly portal: string | null },
): Promise<'done'> => {
  const attempts = new Attempts(command, ports.clock);
  return inRounds<'done'>(ports, async () => {
    const owner = await findOwner(ports.log, 'email', wanted.emailDigest);
    const { id, email, username } = owner?.person ?? {};
    if (!id || !email || !username) return 'done';
    const { commandId } = attempts;
    const stream = signinStream(id);
    const newest = await ports.log.read(stream, { direction: 'backwards', limit: LOOK_BACK });
    const own = newest.events.find(({ metadata }) => metadata.commandId === commandId);
    if (own) return attempts.passOver(own) ?? 'done';
    const event = {
      type: 'AddressInUseNoticed',
      data: { portal: wanted.portal },
      personal: { email, username },
    } as const;
    await ports.log.append(stream, newest.end, [event], writeContext(command, commandId, ANONYMOUS));
    return AGAIN;
  });
};
