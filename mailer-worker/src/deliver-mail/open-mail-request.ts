import { z } from 'zod';
import { readPublicData, type PublicEventType } from '@rollbook/shared/contracts/public-events';
import { openPart } from '@rollbook/shared/event-log/open-event';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { MailRequest } from './deliver-mail.decide.ts';
import type { MailKind } from './delivery.ts';

/** Which messages ask for which mails. */
const KINDS_OF = {
  'rollbook.user.email-verification-requested.v1': ['verify-email'],
  'rollbook.user.address-in-use-noticed.v1': ['address-in-use'],
  'rollbook.user.invitation-requested.v1': ['accept-invitation'],
  'rollbook.user.password-reset-requested.v1': ['reset-password'],
  'rollbook.user.password-changed.v1': ['password-changed'],
  'rollbook.user.password-reset.v1': ['password-changed'],
  'rollbook.user.email-change-requested.v1': ['confirm-email-change', 'email-change-requested'],
  'rollbook.user.email-changed.v1': ['email-changed'],
  'rollbook.user.erasure-requested.v1': ['confirm-erasure'],
} as const satisfies Partial<Record<PublicEventType, readonly MailKind[]>>;

/** Mails to the address that the person leaves. */
const TO_FORMER: ReadonlySet<MailKind> = new Set(['email-change-requested', 'email-changed']);

type MailMessageType = keyof typeof KINDS_OF;

const asksForMail = (type: string): type is MailMessageType => Object.hasOwn(KINDS_OF, type);

/** The mails that a message asks for. */
export const kindsOfMail = ({ type, data }: Pick<FeedMessage, 'type' | 'data'>): readonly MailKind[] => {
  if (!asksForMail(type)) return [];
  const notice = type === 'rollbook.user.password-reset-requested.v1' && data['mail'] === 'notice';
  return notice ? ['account-deactivated'] : KINDS_OF[type];
};

const Recipient = z.looseObject({
  email: z.string().min(3),
  formerEmail: z.string().min(3).optional(),
  username: z.string(),
});

/**
 * Opens the sealed recipient. 'erased' where the person's key was destroyed. Throws UnreadableEvent where it is missing
 * or the seal is broken, and a ZodError for a message that is not as its type promises.
 */
export async function openMailRequest(
  kind: MailKind,
  message: FeedMessage,
  keys: KeyRing,
): Promise<MailRequest | 'erased'> {
  if (!asksForMail(message.type)) throw new RangeError(`${message.type} asks for no mail`);
  const { event, sealed, portal, requested_at } = readPublicData(message.type, message);
  const key = await keys.find(message.key);
  if (key === 'destroyed') return 'erased';
  const part = sealed.find(({ subject }) => subject === message.key);
  const content = part && openPart(event, part, key);
  if (content === 'erased') return 'erased';
  const { email: current, formerEmail, username } = Recipient.parse(content?.data);
  const email = TO_FORMER.has(kind) ? (formerEmail ?? current) : current;
  return { kind, requestId: event.id, requestedAt: fromInstant(requested_at), email, username, portal };
}
