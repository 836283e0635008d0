import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface ResetPasswordValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  /** null for a pending account: its mails carry no text that the registrant chose. */
  readonly username: string | null;
  readonly token: string;
}

/** The mail by which somebody who forgot their password sets a new one. */
export const resetPasswordMail = (template: MailTemplate, { site, username, token }: ResetPasswordValues): Mail =>
  fillMail(template, { site, username, link: `${site}/reset-password?token=${token}` });
