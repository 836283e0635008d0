import type { ReceivedMessage } from '@rollbook/shared/message-feed/port';

/** Each has a folder of its name under `mails/`. */
export const MAIL_KINDS = [
  'verify-email',
  'address-in-use',
  'reset-password',
  'account-deactivated',
  'accept-invitation',
  'password-changed',
  'confirm-email-change',
  'email-change-requested',
  'email-changed',
  'confirm-erasure',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** One attempt at a mail, held under a lease. */
export interface Delivery {
  readonly eventId: string;
  readonly userId: string;
  readonly kind: MailKind;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly fence: string;
  readonly message: ReceivedMessage;
}

/** How a mail ended. `expired` and `dropped`: never sent, on purpose. `dead`: given up, see the dead letters. */
export type Ending = 'sent' | 'expired' | 'dropped' | 'dead';

/**
 * The mailer's inbox. A mail stands in it before it is sent, and is held by one attempt at a time; so it goes out once,
 * except where the program ends between the mail server's acceptance and `end`.
 */
export interface Deliveries {
  /** Puts a mail in, once per event and kind: a repeat changes nothing. */
  add(delivery: { readonly kind: MailKind; readonly message: ReceivedMessage }): Promise<void>;
  /** Takes up to `limit` mails that are due, each for `leaseMs`, which must be longer than an attempt can take. */
  claim(limit: number, leaseMs: number): Promise<readonly Delivery[]>;
  /** Records the ending. False when another attempt has taken the mail over meanwhile. */
  end(delivery: Delivery, ending: Ending, reason: string | null): Promise<boolean>;
  /** Gives the mail back for another attempt in `inMs`. */
  retry(delivery: Delivery, inMs: number, reason: string): Promise<void>;
  /** Milliseconds until the next mail is due; null when none waits. 0 when one is due now. */
  nextDueInMs(): Promise<number | null>;
  /** Remembers that what stood at this place of the feed is among the dead letters, and could not be taken in. */
  noteUnread(place: string, reason: string): Promise<void>;
  /** Forgets everything about a person. */
  forget(userId: string): Promise<void>;
  /** Forgets mails that ended so long ago that a repeat of their message would be too old to send anyway. */
  prune(olderThanMs: number): Promise<void>;
  ping(): Promise<void>;
}
