import type { LinkRequest, Person } from '@rollbook/shared/person/person.state';
import type { MailKind } from './delivery.ts';

/** A mail that an event asks for, readable. */
export interface MailRequest {
  readonly kind: MailKind;
  /** Id of the event that asks for the mail. */
  readonly requestId: string;
  /** Its `recordedAt`, ms since 1970. */
  readonly requestedAt: number;
  readonly email: string;
  readonly username: string;
  /** Name of a portal; null: the default. */
  readonly portal: string | null;
}

/** `reason` is a word for the record and the log. */
export type MailDecision = { readonly send: true } | { readonly send: false; readonly reason: string };

const not = (reason: string): MailDecision => ({ send: false, reason });

/**
 * Whether a mail is still worth sending: only before `deadline` (while its link lives), to the address that the person
 * has now, for the request that is the current one. Times in ms since 1970.
 */
export const decideMail = (request: MailRequest, person: Person, now: number, deadline: number): MailDecision => {
  if (person.existence !== 'registered') return not('person_gone');
  if (now >= deadline) return not('too_old');
  if (request.kind === 'confirm-email-change') return decideConfirmation(request, person);
  // The former address is told whoever has it now.
  if (request.kind === 'email-changed') return { send: true };
  if (person.email !== request.email) return not('address_changed');
  if (request.kind === 'account-deactivated')
    return person.status === 'deactivated' ? { send: true } : not('request_closed');
  const open = openRequest(request.kind, person);
  if (open === 'none needed') return { send: true };
  if (person.usedRequests.includes(request.requestId)) return not('request_closed');
  if (request.kind === 'verify-email' && person.emailVerified) return not('request_closed');
  if (request.kind !== 'verify-email' && person.status === 'deactivated') return not('request_closed');
  return open?.requestId === request.requestId ? { send: true } : not('request_superseded');
};

/** Goes to an address that is not the person's yet. */
const decideConfirmation = (request: MailRequest, person: Person): MailDecision => {
  if (person.usedRequests.includes(request.requestId) || person.status === 'deactivated') return not('request_closed');
  return person.emailChange?.requestId === request.requestId ? { send: true } : not('request_superseded');
};

/** The person's open request that a mail of this kind must belong to. */
const openRequest = (kind: MailKind, person: Person): LinkRequest | null | 'none needed' => {
  if (kind === 'verify-email') return person.verification;
  if (kind === 'reset-password') return person.reset;
  if (kind === 'confirm-erasure') return person.erasure;
  return kind === 'accept-invitation' ? person.invitation : 'none needed';
};
