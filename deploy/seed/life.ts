import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import {
  emailClaimStream,
  sessionStream,
  signinStream,
  usernameClaimStream,
  userStream,
} from '@rollbook/shared/contracts/streams';
import type { Actor, Origin } from '@rollbook/shared/event-log/event';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { DAY, toInstant } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import { ANONYMOUS, personActor, personIdOf, SYSTEM } from '../../command-api/src/command/command.ts';
import { CLAIM_LIFETIME, claimIdOf } from '../../command-api/src/claim/claims.handle.ts';
import { decideRegistration } from '../../command-api/src/user/register-user/register-user.decide.ts';
import type { SeededPerson, SignIn } from './person.ts';

/** One event with the time, the command and the actor that a service would have written. */
export interface LivedEvent {
  readonly event: AnyNewEvent;
  readonly at: number;
  readonly commandId: string;
  readonly actor: Actor;
  readonly origin: Origin | null;
}

/** A whole stream: it is appended at once, so it is there whole or not at all. */
export interface LivedStream {
  readonly stream: string;
  readonly events: readonly LivedEvent[];
}

/** A person's streams, in the order in which they must come into the log: each stage builds on the one before. */
export interface Life {
  readonly userId: string;
  readonly claims: readonly LivedStream[];
  readonly own: LivedStream;
  readonly signIns: readonly LivedStream[];
}

export interface LifeParts {
  readonly seed: number;
  readonly digests: NameDigests;
  /** Everybody's: `<pepper id>$<bcrypt>`. */
  readonly passwordHash: string;
}

/** How long a session lives, in seconds: 30 days. */
const SESSION_LIFE = (30 * DAY) / 1_000;

/** The id of the n-th person, known without making them. */
export const seededUserId = (seed: number, n: number): string => personIdOf(commandOf(seed, n, 'register'));

const commandOf = (seed: number, n: number, what: string): string => derivedUuid('seed', String(seed), String(n), what);

/** Everything that a person did, as the services' own rules make events of it. Pure. */
export const lifeOf = (person: SeededPerson, parts: LifeParts): Life => {
  const register = commandOf(parts.seed, person.n, 'register');
  const userId = personIdOf(register);
  const emailDigest = parts.digests.email(canonicalEmail(person.email) ?? '');
  const usernameDigest = parts.digests.username(person.username);
  const own = ownEvents(person, parts, { userId, emailDigest, usernameDigest });
  const claimed = { userId, expiresAt: toInstant(person.registeredAt + CLAIM_LIFETIME) };
  const by = { at: person.registeredAt, commandId: register, actor: registrarOf(person), origin: null };
  const sessions = person.signIns.map((signIn, index) => ({
    ...signIn,
    commandId: commandOf(parts.seed, person.n, `sign-in ${String(index)}`),
    // The revision that stood when the password was looked at.
    ver: own.findLastIndex(({ at }) => at <= signIn.at),
  }));
  const events = sessions.map((session) => signedIn(session, userId));
  return {
    userId,
    claims: [
      {
        stream: emailClaimStream(emailDigest),
        events: [{ ...by, event: { type: 'EmailClaimed', data: claimed, personal: null } }],
      },
      {
        stream: usernameClaimStream(usernameDigest),
        events: [{ ...by, event: { type: 'UsernameClaimed', data: claimed, personal: null } }],
      },
    ],
    own: { stream: userStream(userId), events: own },
    signIns: [
      ...sessions.map((session) => sessionOf(session, userId)),
      ...(events.length === 0 ? [] : [{ stream: signinStream(userId), events }]),
    ],
  };
};

const registrarOf = ({ via }: SeededPerson): Actor => (via === 'self' ? ANONYMOUS : SYSTEM);

const ownEvents = (
  person: SeededPerson,
  { seed, passwordHash }: LifeParts,
  ids: { readonly userId: string; readonly emailDigest: string; readonly usernameDigest: string },
): readonly LivedEvent[] => {
  const { userId, emailDigest, usernameDigest } = ids;
  const command = (what: string): string => commandOf(seed, person.n, what);
  const register = command('register');
  const { email, username, name, firstName, lastName, phone, preferences } = person;
  const profile = { email, username, name, firstName, lastName, phone, preferences };
  const registration = decideRegistration({
    registrar: person.via === 'self' ? { kind: 'self' } : { kind: 'staff', role: 'admin' },
    role: person.promotedAt === null ? person.role : 'user',
    personal: { ...profile, passwordHash: person.hasPassword ? passwordHash : null },
    emailClaimId: claimIdOf(register, 'email', emailDigest),
    usernameClaimId: claimIdOf(register, 'username', usernameDigest),
    emailDigest,
    usernameDigest,
    portal: null,
    // Nobody is made an administrator.
    grantId: register,
  });
  const own = { actor: personActor(userId), origin: null };
  const events: LivedEvent[] = registration.map((event) => ({
    event,
    at: person.registeredAt,
    commandId: register,
    actor: registrarOf(person),
    origin: null,
  }));
  if (person.provedAt !== null) {
    // Of the mail that the registration asked for, its second event.
    const requestId = eventIdOf(register, userStream(userId), 1);
    const event: AnyNewEvent = person.hasPassword
      ? { type: 'EmailVerified', data: { requestId }, personal: null }
      : { type: 'InvitationAccepted', data: { requestId }, personal: { passwordHash } };
    events.push({ event, at: person.provedAt, commandId: command('prove'), ...own });
  }
  if (person.phoneChangedAt !== null) {
    const changed = `+1-555-${String(person.n % 10_000).padStart(4, '0')}`;
    const event: AnyNewEvent = { type: 'ProfileChanged', data: { fields: ['phone'] }, personal: { phone: changed } };
    events.push({ event, at: person.phoneChangedAt, commandId: command('phone'), ...own });
  }
  const system = { actor: SYSTEM, origin: null };
  if (person.promotedAt !== null) {
    const data = { from: 'user', to: person.role, grantId: null } as const;
    const event: AnyNewEvent = { type: 'RoleChanged', data, personal: null };
    events.push({ event, at: person.promotedAt, commandId: command('promote'), ...system });
  }
  if (person.deactivatedAt !== null) {
    const event: AnyNewEvent = { type: 'UserDeactivated', data: {}, personal: null };
    events.push({ event, at: person.deactivatedAt, commandId: command('deactivate'), ...system });
  }
  return events;
};

interface Session extends SignIn {
  readonly commandId: string;
  readonly ver: number;
}

const sessionIdOf = ({ commandId }: Session): string => derivedUuid('session', commandId);
const originOf = ({ address, userAgent }: SignIn): Origin => ({ address, userAgent });

const signedIn = (session: Session, userId: string): LivedEvent => ({
  event: { type: 'SignedIn', data: { sessionId: sessionIdOf(session) }, personal: null },
  at: session.at,
  commandId: session.commandId,
  actor: personActor(userId),
  origin: originOf(session),
});

const sessionOf = (session: Session, userId: string): LivedStream => {
  const { at, commandId, ver, signedOutAt } = session;
  const by = { actor: personActor(userId), origin: originOf(session) };
  const data = { userId, ver, expiresAt: Math.floor(at / 1_000) + SESSION_LIFE };
  const events: LivedEvent[] = [{ event: { type: 'SessionStarted', data, personal: null }, at, commandId, ...by }];
  if (signedOutAt !== null) {
    const ended: AnyNewEvent = { type: 'SessionEnded', data: { userId, reason: 'logout' }, personal: null };
    events.push({ event: ended, at: signedOutAt, commandId: derivedUuid('logout', commandId), ...by });
  }
  return { stream: sessionStream(sessionIdOf(session)), events };
};
