import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

const uuid = z.uuid();
const mailTo = { email: z.string(), username: z.string() };

/** By the person, who knew the former one. Ends every other session; a mail tells. */
export const PasswordChanged = defineEvent('PasswordChanged', 1, {
  data: { keptSessionId: uuid.nullable() },
  personal: { ...mailTo, passwordHash: z.string() },
});

/** The same password under a newer pepper or cost, at a sign-in. Ends nothing. */
export const PasswordRehashed = defineEvent('PasswordRehashed', 1, {
  data: {},
  personal: { passwordHash: z.string() },
});

/** A mail is wanted after "forgot password": a reset link, or a notice to a deactivated account. */
export const PasswordResetRequested = defineEvent('PasswordResetRequested', 1, {
  data: { mail: z.enum(['reset', 'notice']), portal: z.string().nullable(), emailDigest: z.string() },
  personal: mailTo,
});

/**
 * By the link of `requestId`, which proves the mailbox: the address is verified, a pending account becomes active and
 * loses every profile value but the username. Ends every session; a mail tells.
 */
export const PasswordReset = defineEvent('PasswordReset', 1, {
  data: { requestId: uuid },
  personal: { ...mailTo, passwordHash: z.string() },
});

/** The first password of somebody who was invited; proves the mailbox as a reset does. */
export const InvitationAccepted = defineEvent('InvitationAccepted', 1, {
  data: { requestId: uuid },
  personal: { passwordHash: z.string() },
});

export const CREDENTIAL_EVENTS = [
  PasswordChanged,
  PasswordRehashed,
  PasswordResetRequested,
  PasswordReset,
  InvitationAccepted,
] as const;
