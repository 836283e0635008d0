import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { ROLES } from '../roles.ts';
import { CREDENTIAL_EVENTS } from './credential-events.ts';
import { ERASURE_EVENTS } from './erasure-events.ts';
import { PICTURE_EVENTS } from './picture-events.ts';

const uuid = z.uuid();
const role = z.enum(ROLES);
/** Free JSON, at most 16 KiB; the edge checks the size. */
const preferences = z.record(z.string(), z.json());

/** A person's stream begins: by themselves (`self`, then pending) or by staff or the system (`staff`, then active). */
export const UserRegistered = defineEvent('UserRegistered', 1, {
  data: {
    via: z.enum(['self', 'staff']),
    role,
    emailClaimId: uuid,
    usernameClaimId: uuid,
    /** Digests of the claim streams, so that a reader of this stream can find them. */
    emailDigest: z.string(),
    usernameDigest: z.string(),
    hasPassword: z.boolean(),
  },
  personal: {
    email: z.string(),
    username: z.string(),
    name: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    phone: z.string().nullable(),
    preferences,
    /** bcrypt over the peppered password, with the pepper's id: `<pepper id>$<bcrypt>`; null without a password. */
    passwordHash: z.string().nullable(),
  },
});

/** A verification mail is wanted. The event's id is the request's id that the links are bound to. */
export const EmailVerificationRequested = defineEvent('EmailVerificationRequested', 1, {
  data: {
    /** Whether the mail carries the second link ("this was not me"): only to pending accounts. */
    withRejection: z.boolean(),
    portal: z.string().nullable(),
    /** Digest of the address that the link is bound to. */
    emailDigest: z.string(),
  },
  personal: { email: z.string(), username: z.string() },
});

/** An invitation mail is wanted: an account that staff created without a password. */
export const InvitationRequested = defineEvent('InvitationRequested', 1, {
  data: { portal: z.string().nullable(), emailDigest: z.string() },
  personal: { email: z.string(), username: z.string() },
});

/** The address was proved by the link of `requestId`; a pending account becomes active. */
export const EmailVerified = defineEvent('EmailVerified', 1, { data: { requestId: uuid } });

/** The pending registration is over; `PersonErased` follows in the same append. */
export const RegistrationExpired = defineEvent('RegistrationExpired', 1, {
  data: { reason: z.enum(['expired', 'rejected', 'superseded']) },
});

/** A fence: this registration attempt will never happen. A stream's first event or none. */
export const RegistrationAbandoned = defineEvent('RegistrationAbandoned', 1, { data: {} });

/** A fence: this claim will never be used by its holder. */
export const ClaimForfeited = defineEvent('ClaimForfeited', 1, { data: { claimId: uuid } });

/** Profile values changed; `fields` names them. A value that was cleared is null. */
export const ProfileChanged = defineEvent('ProfileChanged', 1, {
  data: { fields: z.array(z.enum(['name', 'firstName', 'lastName', 'phone', 'preferences'])) },
  personal: {
    name: z.string().nullable().optional(),
    firstName: z.string().nullable().optional(),
    lastName: z.string().nullable().optional(),
    phone: z.string().nullable().optional(),
    preferences: preferences.optional(),
  },
});

/** Uses the claim; the former username's claim is left and so is dead. */
export const UsernameChanged = defineEvent('UsernameChanged', 1, {
  data: { claimId: uuid, usernameDigest: z.string() },
  personal: { username: z.string() },
});

/** Another address is wanted. Nothing is claimed yet: only its owner can confirm. Mails go to both addresses. */
export const EmailChangeRequested = defineEvent('EmailChangeRequested', 1, {
  data: { emailDigest: z.string(), portal: z.string().nullable() },
  personal: { email: z.string(), formerEmail: z.string(), username: z.string() },
});

/** Uses the claim. Confirmed by the link of `requestId`, or set by an administrator (null), then unverified. */
export const EmailChanged = defineEvent('EmailChanged', 1, {
  data: {
    claimId: uuid,
    emailDigest: z.string(),
    requestId: uuid.nullable(),
    portal: z.string().nullable(),
    keptSessionId: uuid.nullable(),
  },
  personal: { email: z.string(), formerEmail: z.string(), username: z.string() },
});

/** An administrator's grant was unlisted before. Ends every session. */
export const UserDeactivated = defineEvent('UserDeactivated', 1, { data: {} });

/** For an administrator a fresh grant, which the roster lists; null for everybody else. */
export const UserReactivated = defineEvent('UserReactivated', 1, { data: { grantId: uuid.nullable() } });

/** Ends every session that was started before. */
export const SignedOutEverywhere = defineEvent('SignedOutEverywhere', 1, { data: {} });

/** A role was given. For `admin`, a fresh grant that the roster lists; null for the others. */
export const RoleChanged = defineEvent('RoleChanged', 1, {
  data: { from: role, to: role, grantId: uuid.nullable() },
});

export const PERSON_EVENTS = [
  UserRegistered,
  EmailVerificationRequested,
  InvitationRequested,
  EmailVerified,
  RegistrationExpired,
  RegistrationAbandoned,
  ClaimForfeited,
  RoleChanged,
  ProfileChanged,
  UsernameChanged,
  EmailChangeRequested,
  EmailChanged,
  UserDeactivated,
  UserReactivated,
  SignedOutEverywhere,
  ...CREDENTIAL_EVENTS,
  ...ERASURE_EVENTS,
  ...PICTURE_EVENTS,
] as const;
