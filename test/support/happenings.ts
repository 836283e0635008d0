import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';

type EventNamed<T extends AnyNewEvent['type']> = Extract<AnyNewEvent, { type: T }>;

export const EMAIL_CLAIM = '33333333-3333-4333-8333-333333333333';
export const USERNAME_CLAIM = '44444444-4444-4444-8444-444444444444';
export const GRANT = '55555555-5555-4555-8555-555555555555';

/** What may have happened to a person, with values that can be told in advance. */
export const registered = (
  data: Partial<EventNamed<'UserRegistered'>['data']> = {},
  personal: Partial<NonNullable<EventNamed<'UserRegistered'>['personal']>> = {},
): EventNamed<'UserRegistered'> => ({
  type: 'UserRegistered',
  data: {
    via: 'self',
    role: 'user',
    emailClaimId: EMAIL_CLAIM,
    usernameClaimId: USERNAME_CLAIM,
    emailDigest: 'email-digest',
    usernameDigest: 'username-digest',
    hasPassword: true,
    ...data,
  },
  personal: {
    email: 'Ada@example.com',
    username: 'ada_l',
    name: null,
    firstName: 'Ada',
    lastName: 'Lovelace',
    phone: null,
    preferences: {},
    passwordHash: 'p1$hash',
    ...personal,
  },
});

export const registeredByStaff = registered({ via: 'staff' });
export const invited = registered({ via: 'staff', hasPassword: false }, { passwordHash: null });

export const verificationRequested = (withRejection = true): EventNamed<'EmailVerificationRequested'> => ({
  type: 'EmailVerificationRequested',
  data: { withRejection, portal: null, emailDigest: 'email-digest' },
  personal: { email: 'Ada@example.com', username: 'ada_l' },
});

export const verified = (requestId: string): EventNamed<'EmailVerified'> => ({
  type: 'EmailVerified',
  data: { requestId },
  personal: null,
});

export const expired: readonly AnyNewEvent[] = [
  { type: 'RegistrationExpired', data: { reason: 'expired' }, personal: null },
  { type: 'PersonErased', data: { reason: 'registration-expired' }, personal: null },
];

export const abandoned: AnyNewEvent = { type: 'RegistrationAbandoned', data: {}, personal: null };

export const forfeited = (claimId: string): EventNamed<'ClaimForfeited'> => ({
  type: 'ClaimForfeited',
  data: { claimId },
  personal: null,
});

export const promoted: EventNamed<'RoleChanged'> = {
  type: 'RoleChanged',
  data: { from: 'user', to: 'admin', grantId: GRANT },
  personal: null,
};

const mailTo = { email: 'Ada@example.com', username: 'ada_l' };

export const resetRequested: EventNamed<'PasswordResetRequested'> = {
  type: 'PasswordResetRequested',
  data: { mail: 'reset', portal: null, emailDigest: 'email-digest' },
  personal: mailTo,
};

export const invitationRequested: EventNamed<'InvitationRequested'> = {
  type: 'InvitationRequested',
  data: { portal: null, emailDigest: 'email-digest' },
  personal: mailTo,
};

export const passwordReset = (requestId: string, passwordHash = 'p1$new'): EventNamed<'PasswordReset'> => ({
  type: 'PasswordReset',
  data: { requestId },
  personal: { ...mailTo, passwordHash },
});

export const invitationAccepted = (requestId: string): EventNamed<'InvitationAccepted'> => ({
  type: 'InvitationAccepted',
  data: { requestId },
  personal: { passwordHash: 'p1$new' },
});

export const passwordChanged = (keptSessionId: string | null = null): EventNamed<'PasswordChanged'> => ({
  type: 'PasswordChanged',
  data: { keptSessionId },
  personal: { ...mailTo, passwordHash: 'p1$new' },
});
