import { fillMail, type Mail, type MailTemplate } from './template.ts';

export interface NoticeValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  /** null for a pending account. */
  readonly username: string | null;
}

/** A mail that only tells something: it carries no link with a token. */
export const noticeMail = (template: MailTemplate, { site, username }: NoticeValues): Mail =>
  fillMail(template, { site, username });
