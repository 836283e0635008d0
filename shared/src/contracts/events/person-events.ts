import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { ROLES } from '../roles.ts';

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

/** The person's key is to be destroyed; what was sealed under it is gone for good. */
export const PersonErased = defineEvent('PersonErased', 1, {
  data: { reason: z.enum(['registration-expired', 'requested', 'by-administrator']) },
});

/** A fence: this registration attempt will never happen. A stream's first event or none. */
export const RegistrationAbandoned = defineEvent('RegistrationAbandoned', 1, { data: {} });

/** A fence: this claim will never be used by its holder. */
export const ClaimForfeited = defineEvent('ClaimForfeited', 1, { data: { claimId: uuid } });

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
  PersonErased,
  RegistrationAbandoned,
  ClaimForfeited,
  RoleChanged,
] as const;
