import type { Person } from '@rollbook/shared/person/person.state';
import type { LinkPurpose, LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import type { MailRequest } from '../deliver-mail/deliver-mail.decide.ts';
import type { MailKind } from '../deliver-mail/delivery.ts';
import { acceptInvitationMail } from './accept-invitation/accept-invitation.mail.ts';
import { confirmErasureMail } from './confirm-erasure/confirm-erasure.mail.ts';
import { confirmEmailChangeMail } from './confirm-email-change/confirm-email-change.mail.ts';
import { noticeMail } from './notice.mail.ts';
import { resetPasswordMail } from './reset-password/reset-password.mail.ts';
import type { Mail, MailTemplate } from './template.ts';
import { verifyEmailMail } from './verify-email/verify-email.mail.ts';

export interface MailWriterOptions {
  readonly templates: Readonly<Record<MailKind, MailTemplate>>;
  readonly links: LinkTokens;
  /** `PUBLIC_URL`, without a trailing `/`. */
  readonly publicUrl: string;
  /** By name; a portal that is not there any more falls back to `PUBLIC_URL`. */
  readonly portals: ReadonlyMap<string, string>;
  /** The host in `Message-ID`. */
  readonly messageHost: string;
}

/** Writes mails: the same request and person give the same mail, links included. Addresses come from settings alone. */
export class MailWriter {
  readonly #options: MailWriterOptions;

  constructor(options: MailWriterOptions) {
    this.#options = options;
  }

  messageId(request: MailRequest): string {
    return `<${request.requestId}.${request.kind}@${this.#options.messageHost}>`;
  }

  write(request: MailRequest, person: Person): Mail {
    const { templates, publicUrl, portals } = this.#options;
    const site = (request.portal === null ? undefined : portals.get(request.portal)) ?? publicUrl;
    const pending = person.status === 'pending';
    const username = pending ? null : request.username;
    const template = templates[request.kind];
    const token = (purpose: LinkPurpose): string => this.#token(purpose, request, person);
    switch (request.kind) {
      case 'verify-email':
        return verifyEmailMail(template, {
          site,
          username,
          verifyToken: token('verify-email'),
          rejectToken: pending ? token('reject-registration') : null,
        });
      case 'reset-password':
        return resetPasswordMail(template, { site, username, token: token('reset-password') });
      case 'accept-invitation':
        return acceptInvitationMail(template, { site, username, token: token('accept-invitation') });
      case 'confirm-email-change':
        return confirmEmailChangeMail(template, { site, username, token: token('confirm-email-change') });
      case 'confirm-erasure':
        return confirmErasureMail(template, { site, username, token: token('confirm-erasure') });
      case 'address-in-use':
      case 'account-deactivated':
      case 'password-changed':
      case 'email-change-requested':
      case 'email-changed':
        return noticeMail(template, { site, username });
    }
  }

  #token(purpose: LinkPurpose, request: MailRequest, person: Person): string {
    const { requestId, requestedAt } = request;
    const bound = purpose === 'confirm-email-change' ? person.emailChange : person;
    const [userId, emailDigest] = [person.id, bound?.emailDigest ?? null];
    if (userId === null || emailDigest === null) throw new RangeError('A link needs a person with an address');
    return this.#options.links.sign({ purpose, userId, requestId, emailDigest, requestedAt });
  }
}
