import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface ConfirmErasureValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  readonly username: string | null;
  readonly token: string;
}

/** The mail by which somebody confirms that they want to be erased. */
export const confirmErasureMail = (template: MailTemplate, { site, username, token }: ConfirmErasureValues): Mail =>
  fillMail(template, { site, username, link: `${site}/confirm-erasure?token=${token}` });
