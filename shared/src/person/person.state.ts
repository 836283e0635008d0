import type { Target } from '../contracts/access.ts';
import type { AnyEvent } from '../contracts/events/all-events.ts';
import type { Role } from '../contracts/roles.ts';
import { idInStream } from '../contracts/streams.ts';
import { endingOf, type SessionEnding } from './session-endings.ts';
import { evolveUser, type UserView } from './user-resource.ts';

/** A mail with a link was asked for; the link is bound to this request. */
export interface LinkRequest {
  readonly requestId: string;
  readonly emailDigest: string;
  /** RFC 3339; a link's life counts from here. */
  readonly requestedAt: string;
  readonly withRejection: boolean;
}

/** Everything a decision needs to know of one person: the fold of their `user-` stream. */
export interface Person {
  /** `none`: no event; `abandoned`: fenced before it began; `registered`; `erased`: for good. */
  readonly existence: 'none' | 'abandoned' | 'registered' | 'erased';
  /** True when it was erased because the registration expired, was rejected or was superseded. */
  readonly expired: boolean;
  readonly id: string | null;
  /** Of the last event; -1 when there is none. */
  readonly revision: number;
  readonly status: 'pending' | 'active' | 'deactivated';
  readonly role: Role;
  /** The current administrator's grant; null for every other role. */
  readonly grantId: string | null;
  readonly email: string | null;
  readonly username: string | null;
  readonly emailDigest: string | null;
  readonly usernameDigest: string | null;
  readonly emailVerified: boolean;
  readonly passwordHash: string | null;
  readonly registeredAt: string | null;
  /** The command that registered the person. */
  readonly registeredBy: string | null;
  /** The last claim of each kind that was used in this stream. */
  readonly usedClaims: { readonly email: string | null; readonly username: string | null };
  /** Every claim that was ever used here: one that is not the last of its kind was left. */
  readonly everUsedClaims: readonly string[];
  readonly forfeitedClaims: readonly string[];
  /** The open verification request, if any. */
  readonly verification: LinkRequest | null;
  /** The open request for another address, if any. */
  readonly emailChange: (LinkRequest & { readonly email: string | null }) | null;
  readonly reset: LinkRequest | null;
  readonly invitation: LinkRequest | null;
  /** The person's own request to be erased; `confirmed` by the link of its mail. */
  readonly erasure: (LinkRequest & { readonly confirmed: boolean }) | null;
  /** Requests whose link did its work. */
  readonly usedRequests: readonly string[];
  /** Revisions of the events that end every session started before them, unless it is the one kept. */
  readonly endings: readonly SessionEnding[];
  readonly view: UserView | null;
}

export const NOBODY: Person = {
  existence: 'none',
  expired: false,
  id: null,
  revision: -1,
  status: 'pending',
  role: 'user',
  grantId: null,
  email: null,
  username: null,
  emailDigest: null,
  usernameDigest: null,
  emailVerified: false,
  passwordHash: null,
  registeredAt: null,
  registeredBy: null,
  usedClaims: { email: null, username: null },
  everUsedClaims: [],
  forfeitedClaims: [],
  verification: null,
  emailChange: null,
  reset: null,
  invitation: null,
  erasure: null,
  usedRequests: [],
  endings: [],
  view: null,
};

export const evolvePerson = (person: Person, event: AnyEvent): Person => {
  const ending = endingOf(event);
  return {
    ...person,
    ...changeOf(person, event),
    revision: event.revision,
    endings: ending ? [...person.endings, ending] : person.endings,
    view: evolveUser(person.view, event),
  };
};

const changeOf = (person: Person, event: AnyEvent): Partial<Person> => {
  switch (event.type) {
    case 'UserRegistered':
      return registered(event);
    case 'EmailVerificationRequested':
      return { verification: linkRequest(event) };
    case 'EmailVerified':
      return {
        emailVerified: true,
        status: person.status === 'pending' ? 'active' : person.status,
        verification: null,
        usedRequests: [...person.usedRequests, event.data.requestId],
      };
    case 'RegistrationAbandoned':
      return { existence: 'abandoned' };
    case 'InvitationRequested':
      return { invitation: linkRequest(event) };
    case 'UsernameChanged':
      return {
        username: event.personal?.username ?? null,
        usernameDigest: event.data.usernameDigest,
        usedClaims: { ...person.usedClaims, username: event.data.claimId },
        everUsedClaims: [...person.everUsedClaims, event.data.claimId],
      };
    case 'EmailChangeRequested':
      return { emailChange: { ...linkRequest(event), email: event.personal?.email ?? null } };
    case 'EmailChanged':
      return emailChanged(person, event);
    case 'UserDeactivated':
      return { status: 'deactivated' };
    case 'UserReactivated':
      return { status: 'active', grantId: event.data.grantId ?? person.grantId };
    case 'PasswordResetRequested':
      return event.data.mail === 'reset' ? { reset: linkRequest(event) } : {};
    case 'PasswordChanged':
    case 'PasswordRehashed':
      return {
        passwordHash: event.personal?.passwordHash ?? null,
        ...(event.type === 'PasswordChanged' ? { reset: null } : {}),
      };
    case 'PasswordReset':
    case 'InvitationAccepted':
      return mailboxProved(person, event);
    case 'ClaimForfeited':
      return { forfeitedClaims: [...person.forfeitedClaims, event.data.claimId] };
    case 'RoleChanged':
      return { role: event.data.to, grantId: event.data.grantId };
    case 'ErasureRequested':
      return { erasure: { ...linkRequest(event), confirmed: false } };
    case 'ErasureConfirmed':
      return {
        erasure: person.erasure && { ...person.erasure, confirmed: true },
        usedRequests: used(person, event.data.requestId),
      };
    case 'ErasureCancelled':
      return { erasure: null };
    case 'RegistrationExpired':
      return { expired: true };
    case 'PersonErased':
      return {
        existence: 'erased',
        email: null,
        username: null,
        passwordHash: null,
        verification: null,
        emailChange: null,
        reset: null,
        invitation: null,
        erasure: null,
        usedClaims: { email: null, username: null },
      };
    default:
      return {};
  }
};

const registered = (event: Extract<AnyEvent, { type: 'UserRegistered' }>): Partial<Person> => ({
  existence: 'registered',
  id: idInStream(event.stream),
  status: event.data.via === 'self' ? 'pending' : 'active',
  role: event.data.role,
  email: event.personal?.email ?? null,
  username: event.personal?.username ?? null,
  emailDigest: event.data.emailDigest,
  usernameDigest: event.data.usernameDigest,
  passwordHash: event.personal?.passwordHash ?? null,
  registeredAt: event.recordedAt,
  registeredBy: event.metadata.commandId,
  usedClaims: { email: event.data.emailClaimId, username: event.data.usernameClaimId },
  everUsedClaims: [event.data.emailClaimId, event.data.usernameClaimId],
});

type LinkEvent = Extract<AnyEvent, { data: { emailDigest: string; portal: string | null } }>;

const linkRequest = (event: LinkEvent): LinkRequest => ({
  requestId: event.id,
  emailDigest: event.data.emailDigest,
  requestedAt: event.recordedAt,
  withRejection: event.type === 'EmailVerificationRequested' && event.data.withRejection,
});

/** All open links die: they were bound to the former address. */
const NO_LINKS = { verification: null, emailChange: null, reset: null, invitation: null } as const;

const emailChanged = (person: Person, event: Extract<AnyEvent, { type: 'EmailChanged' }>): Partial<Person> => ({
  ...NO_LINKS,
  email: event.personal?.email ?? null,
  emailDigest: event.data.emailDigest,
  emailVerified: event.data.requestId !== null,
  usedClaims: { ...person.usedClaims, email: event.data.claimId },
  everUsedClaims: [...person.everUsedClaims, event.data.claimId],
  usedRequests: used(person, event.data.requestId),
});

const mailboxProved = (
  person: Person,
  event: Extract<AnyEvent, { type: 'PasswordReset' | 'InvitationAccepted' }>,
): Partial<Person> => ({
  passwordHash: event.personal?.passwordHash ?? null,
  emailVerified: true,
  status: person.status === 'pending' ? 'active' : person.status,
  verification: null,
  reset: null,
  invitation: null,
  usedRequests: used(person, event.data.requestId),
});

const used = (person: Person, requestId: string | null): readonly string[] =>
  requestId === null ? person.usedRequests : [...person.usedRequests, requestId];

export const foldPerson = (events: readonly AnyEvent[]): Person => events.reduce(evolvePerson, NOBODY);

/** The person as rules on people see them. */
export const targetOf = ({ id, existence, role }: Person): Target => ({
  id,
  role: existence === 'registered' ? role : null,
});

/** Active with a password: can sign in now, and so may be listed as an administrator. */
export const canSignIn = (person: Person): boolean =>
  person.existence === 'registered' && person.status === 'active' && person.passwordHash !== null;
