import { reject, isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream, signinStream } from '@rollbook/shared/contracts/streams';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import type { WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Refusal } from '@rollbook/shared/http/endpoint';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import type { Person } from '@rollbook/shared/person/person.state';
import { foldSession, type Session } from '@rollbook/shared/person/session.state';
import { finishListing } from '../../admin-roster/finish-listing.handle.ts';
import { findOwner } from '../../claim/find-owner.ts';
import { ANONYMOUS, personActor, writeContext, type Command } from '../../command/command.ts';
import type { CredentialLimits, Slot } from '../../credential-limits/credential-limits.ts';
import type { HashingQueue } from '../../password/hashing-queue.ts';
import type { PasswordHashes } from '../../password/password-hashes.ts';
import { noteFailedSignIn, type NoteFailurePorts } from '../failed-sign-in/note-failed-sign-in.handle.ts';
import type { UnknownNames } from '../failed-sign-in/unknown-names.ts';
import { hashToCheck, refuseLogin } from './login.decide.ts';

export interface LoginPorts extends NoteFailurePorts {
  readonly digests: NameDigests;
  readonly hashes: PasswordHashes;
  readonly queue: HashingQueue;
  readonly limits: CredentialLimits;
  readonly unknownNames: UnknownNames;
  /** Seconds from the sign-in after which no token of the session lives. */
  readonly sessionLife: number;
}

export interface Credentials {
  readonly name:
    { readonly kind: 'email'; readonly canonical: string } | { readonly kind: 'username'; readonly username: string };
  readonly password: string;
}

export interface SignedInNow {
  readonly session: Session;
  readonly person: Person;
  /** The `SignedIn` event. */
  readonly signIn: AnyEvent;
}

/**
 * Signs in. The revision that the person's stream has before the password is looked at goes into the session as `ver`:
 * whatever ends sessions and comes later ends this one too, also while the password is still being checked.
 */
export const login = async (
  ports: LoginPorts,
  command: Command,
  { name, password }: Credentials,
): Promise<SignedInNow | Rejection | Refusal> => {
  const place = ports.queue.reserve();
  if (!place) return reject('hashing_queue_full');
  let person: Person | null;
  let slot: Slot;
  try {
    const digest = name.kind === 'email' ? ports.digests.email(name.canonical) : ports.digests.username(name.username);
    person = (await findOwner(ports.log, name.kind, digest))?.person ?? null;
    const attempt = {
      kind: 'sign-in',
      subject: person?.id ?? digest,
      address: command.origin?.address ?? null,
    } as const;
    const taken = await ports.limits.take(attempt);
    if ('retryAfter' in taken) return reject('too_many_attempts', taken);
    slot = taken;
    const hash = hashToCheck(person);
    const matches = await place.run(() =>
      hash === null ? ports.hashes.matchesNobody(password) : ports.hashes.matches(password, hash),
    );
    const refused = refuseLogin(person, matches);
    if (!matches) {
      await slot.failed();
      return { ...(refused ?? reject('invalid_credentials')), after: () => note(ports, command, person) };
    }
    if (refused) {
      // Who knows the password has not failed.
      await slot.giveBack();
      return refused;
    }
  } finally {
    place.release();
  }
  if (!person?.id) return reject('invalid_credentials');
  await slot.signedIn();
  return start(ports, command, person, person.id);
};

/** After the answer: its time must not tell whether there is such a person. */
const note = async (ports: LoginPorts, command: Command, person: Person | null): Promise<void> => {
  if (person?.existence !== 'registered' || person.id === null) ports.unknownNames.add();
  else await noteFailedSignIn(ports, command, { userId: person.id, where: 'sign-in', actor: ANONYMOUS });
};

const start = async (
  ports: LoginPorts,
  command: Command,
  person: Person,
  userId: string,
): Promise<SignedInNow | Rejection> => {
  const commandId = command.idOf(0);
  const sessionId = derivedUuid('session', commandId);
  const context = writeContext(command, commandId, personActor(userId));
  const session = await startSession(ports, sessionId, { userId, ver: person.revision }, context);
  if (isRejection(session)) return session;
  const signIn = await recordSignIn(ports, userId, sessionId, context);
  if (person.role === 'admin') await finishListing(ports, userId, context);
  return { session, person, signIn };
};

const startSession = (
  { log, clock, random, sessionLife }: LoginPorts,
  sessionId: string,
  { userId, ver }: { readonly userId: string; readonly ver: number },
  context: WriteContext,
): Promise<Session | Rejection> =>
  inRounds<Session | Rejection>({ clock, random }, async () => {
    const found = foldSession((await log.read(sessionStream(sessionId))).events);
    if (found) return found.ended ? reject('invalid_credentials') : found;
    const expiresAt = Math.floor(clock.now() / 1_000) + sessionLife;
    const event = { type: 'SessionStarted', data: { userId, ver, expiresAt }, personal: null } as const;
    await log.append(sessionStream(sessionId), EMPTY_STREAM, [event], context);
    return AGAIN;
  });

const LOOK_BACK = 50;

const recordSignIn = (
  { log, clock, random }: LoginPorts,
  userId: string,
  sessionId: string,
  context: WriteContext,
): Promise<AnyEvent> =>
  inRounds<AnyEvent>({ clock, random }, async () => {
    const stream = signinStream(userId);
    const newest = await log.read(stream, { direction: 'backwards', limit: LOOK_BACK });
    const own = newest.events.find((event) => event.metadata.commandId === context.commandId);
    if (own) return own;
    await log.append(stream, newest.end, [{ type: 'SignedIn', data: { sessionId }, personal: null }], context);
    return AGAIN;
  });
