import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface VerifyEmailValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  /** null for a pending account: its mails carry no text that the registrant chose. */
  readonly username: string | null;
  readonly verifyToken: string;
  /** Only for a pending account: the link that says "this was not me". */
  readonly rejectToken: string | null;
}

/** The mail by which somebody proves that an address is theirs. */
export const verifyEmailMail = (template: MailTemplate, values: VerifyEmailValues): Mail =>
  fillMail(template, {
    site: values.site,
    username: values.username,
    verify_link: `${values.site}/verify-email?token=${values.verifyToken}`,
    reject_link: values.rejectToken === null ? null : `${values.site}/reject-registration?token=${values.rejectToken}`,
  });
