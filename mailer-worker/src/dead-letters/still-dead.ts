import { fromInstant } from '@rollbook/shared/kernel/clock';
import { isUuid } from '@rollbook/shared/kernel/uuid';
import type { DeadLetter, ReceivedMessage } from '@rollbook/shared/message-feed/port';
import type { MailKind } from '../deliver-mail/delivery.ts';
import { kindsOfMail } from '../deliver-mail/open-mail-request.ts';
import { KEEP_ENDED } from '../deliver-mail/run-mailer.ts';
import type { MailState } from './dead-mails.ts';

/** The message of a letter that asks for a mail; null for anything else that somebody put among the dead letters. */
export const mailMessageOf = ({ message }: DeadLetter): ReceivedMessage | null =>
  message && [message.id, message.key].every((id) => isUuid(id.toLowerCase())) && kindsOfMail(message).length > 0
    ? message
    : null;

/**
 * Which of a letter's mails are still dead: dead letters stay where they are, what became of their mails says the inbox.
 * Where that has lost them, all are; but not those so old that it has forgotten them, as none of their links lives.
 */
export const kindsStillDead = (
  message: Pick<ReceivedMessage, 'type' | 'data' | 'time'>,
  states: ReadonlyMap<MailKind, MailState>,
  now: number,
): readonly MailKind[] => {
  const kinds = kindsOfMail(message);
  if (states.size > 0) return kinds.filter((kind) => states.get(kind) === 'dead');
  return now - fromInstant(message.time) < KEEP_ENDED ? kinds : [];
};
