import type { Clock } from '@rollbook/shared/kernel/clock';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';
import type { DeadMails } from './dead-mails.ts';

/** What looking after the mailer's dead letters needs. */
export interface DeadLetterPorts {
  readonly feed: Pick<MessageFeed, 'readDeadLetters'>;
  readonly mails: DeadMails;
  readonly clock: Clock;
  /** The consumer group whose dead letters they are. */
  readonly group: string;
}
