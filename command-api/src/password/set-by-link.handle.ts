import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkPurpose, LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { finishListing } from '../admin-roster/finish-listing.handle.ts';
import { Attempts } from '../command/attempts.ts';
import { personActor, writeContext, type Command } from '../command/command.ts';
import { refuseIfMatch } from '../command/if-match.ts';
import type { Effect } from '../command/own-events.ts';
import { readPerson } from '../command/read-person.ts';
import type { LinkFacts } from '../link/open-request.decide.ts';
import type { HashingQueue } from './hashing-queue.ts';
import type { PasswordHashes } from './password-hashes.ts';

export interface SetByLinkPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly links: LinkTokens;
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
}

export interface SetByLink {
  readonly purpose: LinkPurpose;
  readonly token: string;
  readonly password: string;
  readonly decide: (person: Person, link: LinkFacts, passwordHash: string) => readonly AnyNewEvent[] | Rejection;
}

/**
 * Sets a password by a mail's link, which proves the mailbox. Nothing is hashed for a link that is worth nothing; of
 * many who use one link at once exactly one succeeds. An administrator who can sign in by it is listed before it ends.
 */
export const setPasswordByLink = async (
  ports: SetByLinkPorts,
  command: Command,
  { purpose, token, password, decide }: SetByLink,
): Promise<Effect | Rejection> => {
  const verified = ports.links.verify(token, purpose, ports.clock.now());
  if (verified.outcome === 'bad') return reject('link_invalid');
  const { sub: userId, rid: requestId, adr: emailDigest } = verified.claims;
  const link = { requestId, emailDigest, expired: verified.outcome === 'expired' };
  const attempts = new Attempts(command, ports.clock);
  let hash: string | null = null;
  return inRounds<Effect | Rejection>(ports, async () => {
    const { commandId } = attempts;
    // Whoever opens the mailbox acts as its owner.
    const context = writeContext(command, commandId, personActor(userId));
    const { person, end, events } = await readPerson(ports.log, userId);
    const effect = attempts.effectIn(events);
    if (effect === AGAIN) return AGAIN;
    if (effect) {
      if (person.existence === 'erased') return reject('not_found');
      if (person.role === 'admin') await finishListing(ports, userId, context);
      return effect;
    }
    const decided = decide(person, link, hash ?? '');
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('link_invalid');
    if (hash === null) {
      const place = ports.queue.reserve();
      if (!place) return reject('hashing_queue_full');
      hash = await place.run(() => ports.hashes.hash(password));
      return AGAIN;
    }
    await ports.log.append(userStream(userId), end, decided, context);
    return AGAIN;
  });
};
