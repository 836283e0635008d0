import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface ConfirmEmailChangeValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  /** null for a pending account: its mails carry no text that the registrant chose. */
  readonly username: string | null;
  readonly token: string;
}

/** The mail to a new address, by which its owner takes it for their account. */
export const confirmEmailChangeMail = (
  template: MailTemplate,
  { site, username, token }: ConfirmEmailChangeValues,
): Mail => fillMail(template, { site, username, link: `${site}/confirm-email-change?token=${token}` });
