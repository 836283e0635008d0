import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

const uuid = z.uuid();

/** A sign-in: the head of a family of refresh tokens. */
export const SessionStarted = defineEvent('SessionStarted', 1, {
  data: {
    userId: uuid,
    /** Revision of the person's stream that was read before the password was looked at. */
    ver: z.int(),
    /** Seconds since 1970 after which no token of this session lives. */
    expiresAt: z.int(),
  },
});

/** The refresh token of generation `generation − 1` was used; this event's id is the new token's id. */
export const SessionRefreshed = defineEvent('SessionRefreshed', 1, {
  data: { userId: uuid, generation: z.int() },
});

export const SessionEnded = defineEvent('SessionEnded', 1, {
  data: { userId: uuid, reason: z.enum(['logout', 'replayed', 'revoked']) },
});

/** In the person's sign-in stream: counts towards `last_login`. */
export const SignedIn = defineEvent('SignedIn', 1, { data: { sessionId: uuid } });

/** In the owner's sign-in stream: somebody tried to register their address; a mail tells them. */
export const AddressInUseNoticed = defineEvent('AddressInUseNoticed', 1, {
  data: { portal: z.string().nullable() },
  personal: { email: z.string(), username: z.string() },
});

/**
 * In the person's sign-in stream: somebody gave a wrong password for them, at a sign-in or where the current password is
 * asked for. At most 20 an hour; what comes beyond is only counted (`SignInsRefused`).
 */
export const SignInFailed = defineEvent('SignInFailed', 1, {
  data: { where: z.enum(['sign-in', 'current-password']) },
});

/**
 * In the person's sign-in stream, at most one an hour: how many sign-ins in the hour that began at `from` were refused
 * unseen, or failed without an event of their own.
 */
export const SignInsRefused = defineEvent('SignInsRefused', 1, {
  data: {
    /** RFC 3339; a full hour. */
    from: z.string(),
    count: z.int(),
  },
});

export const SESSION_EVENTS = [
  SessionStarted,
  SessionRefreshed,
  SessionEnded,
  SignedIn,
  SignInFailed,
  SignInsRefused,
  AddressInUseNoticed,
] as const;
