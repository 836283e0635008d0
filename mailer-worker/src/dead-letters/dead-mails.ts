import type { ReceivedMessage } from '@rollbook/shared/message-feed/port';
import type { Ending, MailKind } from '../deliver-mail/delivery.ts';

export type MailState = 'waiting' | Ending;

/** The mailer's inbox as one sees it who looks after its dead letters. */
export interface DeadMails {
  /** Whether a person's key was destroyed: nobody can open their letters, and none is shown that could not be removed. */
  isErased(userId: string): Promise<boolean>;
  /** What became of the mails that an event asked for. Empty: the inbox knows none of them (any more). */
  states(eventId: string): Promise<ReadonlyMap<MailKind, MailState>>;
  /**
   * Lets a mail wait again, due now and with all its attempts, if it is dead or not known. False: it is neither, and
   * nothing was changed.
   */
  revive(mail: { readonly kind: MailKind; readonly message: ReceivedMessage }): Promise<boolean>;
}
