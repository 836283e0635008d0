import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface AcceptInvitationValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  readonly username: string | null;
  readonly token: string;
}

/** The mail by which somebody whose account staff made sets their first password. */
export const acceptInvitationMail = (template: MailTemplate, { site, username, token }: AcceptInvitationValues): Mail =>
  fillMail(template, { site, username, link: `${site}/accept-invitation?token=${token}` });
