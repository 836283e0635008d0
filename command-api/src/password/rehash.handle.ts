import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { personActor, writeContext, type Command } from '../command/command.ts';
import { readPerson } from '../command/read-person.ts';
import type { HashingQueue } from './hashing-queue.ts';
import type { PasswordHashes } from './password-hashes.ts';

interface Ports {
  readonly log: EventLog;
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
}

/**
 * Stores the same password under the current pepper and cost. Best effort: with a full queue, or where the person's
 * stream moved on meanwhile, the next sign-in tries again. `known` is the hash that the password was found to match.
 */
export const rehashPassword = async (
  { log, hashes, queue }: Ports,
  command: Command,
  { userId, known, password }: { readonly userId: string; readonly known: string; readonly password: string },
): Promise<void> => {
  const place = queue.reserve();
  if (!place) return;
  const passwordHash = await place.run(() => hashes.hash(password));
  const { person, end } = await readPerson(log, userId);
  if (person.existence !== 'registered' || person.passwordHash !== known) return;
  const event = { type: 'PasswordRehashed', data: {}, personal: { passwordHash } } as const;
  await log.append(userStream(userId), end, [event], writeContext(command, command.idOf(1), personActor(userId)));
};
