import { z } from 'zod';
import { readPublicData } from '@rollbook/shared/contracts/public-events';
import { openPart } from '@rollbook/shared/event-log/open-event';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { MailRequest } from './deliver-mail.decide.ts';
import type { MailKind } from './delivery.ts';

/** Which messages ask for which mail. */
const KIND_OF: ReadonlyMap<string, MailKind> = new Map([
  ['rollbook.user.email-verification-requested.v1', 'verify-email'],
  ['rollbook.user.address-in-use-noticed.v1', 'address-in-use'],
]);

const TYPE_OF = {
  'verify-email': 'rollbook.user.email-verification-requested.v1',
  'address-in-use': 'rollbook.user.address-in-use-noticed.v1',
} as const satisfies Record<MailKind, string>;

/** The mail that a message asks for, or null. */
export const kindOfMail = (type: string): MailKind | null => KIND_OF.get(type) ?? null;

const Recipient = z.looseObject({ email: z.string().min(3), username: z.string() });

/**
 * Opens the sealed recipient. 'erased' where the person's key was destroyed. Throws UnreadableEvent where it is missing
 * or the seal is broken, and a ZodError for a message that is not as its type promises.
 */
export async function openMailRequest(
  kind: MailKind,
  message: FeedMessage,
  keys: KeyRing,
): Promise<MailRequest | 'erased'> {
  const { event, sealed, portal, requested_at } = readPublicData(TYPE_OF[kind], message);
  const key = await keys.find(message.key);
  if (key === 'destroyed') return 'erased';
  const part = sealed.find(({ subject }) => subject === message.key);
  const content = part && openPart(event, part, key);
  if (content === 'erased') return 'erased';
  const { email, username } = Recipient.parse(content?.data);
  return { kind, requestId: event.id, requestedAt: fromInstant(requested_at), email, username, portal };
}
