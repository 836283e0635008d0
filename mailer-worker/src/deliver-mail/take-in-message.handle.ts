import type { MessageFeed, ReceivedMessage } from '@rollbook/shared/message-feed/port';
import type { Deliveries } from './delivery.ts';
import { faultOfMessage } from './fault-of-message.ts';
import { kindsOfMail } from './open-mail-request.ts';

export interface TakeInPorts {
  readonly deliveries: Deliveries;
  readonly feed: Pick<MessageFeed, 'deadLetter' | 'forget'>;
  /** The consumer group whose dead letters are used. */
  readonly group: string;
  /** Called when a mail was put in. */
  readonly wake: () => void;
}

/**
 * What the mailer does with a message of the feed: puts the mails that it asks for into the inbox, and forgets a person
 * who was erased. Acknowledged when that is committed; sending comes after. What no table can take (an id that is none,
 * a text with NUL) goes into the dead letters: tried for ever, it would hold up everybody behind it in its partition.
 */
export async function takeInMessage(message: ReceivedMessage, ports: TakeInPorts): Promise<void> {
  try {
    await takeIn(message, ports);
  } catch (fault) {
    const reason = faultOfMessage(fault);
    if (reason === null) throw fault;
    await ports.feed.deadLetter(ports.group, message, reason);
    await ports.deliveries.noteUnread(message.place, reason);
  }
}

async function takeIn(message: ReceivedMessage, { deliveries, feed, wake }: TakeInPorts): Promise<void> {
  if (message.type === 'rollbook.user.erased.v1') {
    await deliveries.forget(message.key);
    // After the inbox: whoever finds nothing there that was being given up looks here once more.
    await feed.forget(message.key);
    return;
  }
  const kinds = kindsOfMail(message);
  for (const kind of kinds) await deliveries.add({ kind, message });
  if (kinds.length > 0) wake();
}
