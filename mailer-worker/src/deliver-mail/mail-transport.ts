import type { Mail } from '../mails/template.ts';

/** A mail with its one recipient. */
export interface OutgoingMail extends Mail {
  /** The address exactly as stored; never parsed as a list. */
  readonly to: string;
  /** The same for every attempt, so that a receiver can fold a repeat: `<id@host>`. */
  readonly messageId: string;
  /** ms since 1970. */
  readonly date: number;
}

/**
 * - `accepted`: the mail server has taken it over.
 * - `refused`: it never will take this mail.
 * - `failed`: another attempt may succeed. Where the connection broke after the last byte, the server may have taken
 *   it all the same.
 * `reason` is a code, never a value of the mail.
 */
export type SendResult =
  { readonly outcome: 'accepted' } | { readonly outcome: 'refused' | 'failed'; readonly reason: string };

export interface MailTransport {
  /** Never throws, and ends within `mostMs`. */
  send(mail: OutgoingMail): Promise<SendResult>;
  /** Longest time that `send` can take, in ms. */
  readonly mostMs: number;
  /** Breaks off the attempts under way: they have failed, and may be made again. */
  close(): void;
}
