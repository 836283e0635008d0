import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Authority } from '@rollbook/shared/person/authority';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { CurrentPassword, type CheckPasswordPorts } from '../../password/check-current-password.ts';
import { decideChangePassword } from './change-password.decide.ts';

export interface ChangePasswordPorts extends CheckPasswordPorts {
  readonly authority: Authority;
}

/**
 * Changes the own password. Session and current password are looked at again in every round, so a reset that happens
 * meanwhile wins. Ends every other session.
 */
export const changePassword = (
  ports: ChangePasswordPorts,
  command: Command,
  wanted: { readonly currentPassword: string; readonly newPassword: string },
): Promise<Effect | Rejection> => {
  const current = new CurrentPassword(ports, command, wanted.currentPassword);
  const attempts = new Attempts(command, ports.clock);
  let hash: string | null = null;
  return inRounds<Effect | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const { userId, sessionId } = caller;
    const { commandId } = attempts;
    const { person, end, events } = await readPerson(ports.log, userId);
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) return effect;
    const refusal = refuseIfMatch(command.ifMatch, events) ?? (await current.refuse(person.passwordHash, userId));
    if (refusal) return refusal;
    if (hash === null) {
      const place = ports.queue.reserve();
      if (!place) return reject('hashing_queue_full');
      hash = await place.run(() => ports.hashes.hash(wanted.newPassword));
      return AGAIN;
    }
    const decided = decideChangePassword(person, { sessionId, passwordHash: hash });
    if (isRejection(decided)) return decided;
    await ports.log.append(userStream(userId), end, decided, writeContext(command, commandId, personActor(userId)));
    return AGAIN;
  });
};
