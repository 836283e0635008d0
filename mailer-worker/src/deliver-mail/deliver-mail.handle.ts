import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { MessageFeed } from '@rollbook/shared/message-feed/port';
import { foldPerson, type Person } from '@rollbook/shared/person/person.state';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { LINK_PURPOSES, type LinkPurpose, type LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import type { MailWriter } from '../mails/mail-writer.ts';
import { decideMail, type MailRequest } from './deliver-mail.decide.ts';
import type { Deliveries, Delivery, MailKind } from './delivery.ts';
import type { MailTransport } from './mail-transport.ts';
import { openMailRequest } from './open-mail-request.ts';
import { MOST_ATTEMPTS, retryDelay } from './retry-delay.ts';

export interface DeliverMailPorts {
  readonly deliveries: Deliveries;
  readonly keys: KeyRing;
  readonly log: EventLog;
  readonly feed: Pick<MessageFeed, 'deadLetter' | 'forget'>;
  readonly links: LinkTokens;
  readonly writer: MailWriter;
  readonly transport: MailTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** The consumer group whose dead letters are used. */
  readonly group: string;
  /** Told of each attempt's outcome: `sent`, `expired`, `dropped`, `dead`, `retry`, `taken-over`. */
  readonly onOutcome: (delivery: Delivery, outcome: string, reason: string | null) => void;
}

/** One attempt at one mail, from the sealed message to the record of what became of it. Throws when the inbox fails. */
export async function deliverMail(delivery: Delivery, ports: DeliverMailPorts): Promise<void> {
  const { deliveries, onOutcome } = ports;
  const end = async (ending: 'sent' | 'expired' | 'dropped' | 'dead', reason: string | null): Promise<boolean> => {
    const recorded = await deliveries.end(delivery, ending, reason);
    onOutcome(delivery, recorded ? ending : 'taken-over', reason);
    return recorded;
  };
  const giveUp = async (reason: string): Promise<void> => {
    await ports.feed.deadLetter(ports.group, delivery.message, reason);
    // Whoever is erased meanwhile is gone from the inbox, and perhaps was from the dead letters before this one came.
    if (!(await end('dead', reason)) && (await readPerson(delivery, ports)).existence === 'erased')
      await ports.feed.forget(delivery.userId);
  };
  const tryAgain = async (reason: string): Promise<void> => {
    if (delivery.attempt >= MOST_ATTEMPTS) {
      await giveUp(reason);
      return;
    }
    await deliveries.retry(delivery, retryDelay(delivery.attempt, ports.random.fraction()), reason);
    onOutcome(delivery, 'retry', reason);
  };

  let opened;
  try {
    opened = await openDelivery(delivery, ports);
  } catch (fault) {
    // A key that is missing, a seal that is broken, a store that is away: nobody's mail is dropped for that.
    await tryAgain(Error.isError(fault) ? fault.name : 'unknown');
    return;
  }
  if (opened === 'erased') {
    await end('dropped', 'erased');
    return;
  }
  const { request, person } = opened;
  const decision = decideMail(request, person, ports.clock.now(), deadlineOf(request, ports.links));
  if (!decision.send) {
    await end('expired', decision.reason);
    return;
  }
  const result = await ports.transport.send({
    ...ports.writer.write(request, person),
    to: request.email,
    messageId: ports.writer.messageId(request),
    date: ports.clock.now(),
  });
  if (result.outcome === 'accepted') await end('sent', null);
  else if (result.outcome === 'refused') await giveUp(result.reason);
  else await tryAgain(result.reason);
}

const isPurpose = (kind: MailKind): kind is MailKind & LinkPurpose => LINK_PURPOSES.some((purpose) => purpose === kind);

/** A mail without a link is worth as long as one that verifies an address. */
const deadlineOf = ({ kind, requestedAt }: MailRequest, links: LinkTokens): number =>
  links.expiry({
    purpose: isPurpose(kind) ? kind : 'verify-email',
    requestedAt,
  });

const openDelivery = async (
  delivery: Delivery,
  { keys, log }: DeliverMailPorts,
): Promise<{ request: MailRequest; person: Person } | 'erased'> => {
  const request = await openMailRequest(delivery.kind, delivery.message, keys);
  if (request === 'erased') return 'erased';
  return { request, person: await readPerson(delivery, { log }) };
};

const readPerson = async ({ userId }: Delivery, { log }: Pick<DeliverMailPorts, 'log'>): Promise<Person> =>
  foldPerson((await log.read(userStream(userId))).events);
