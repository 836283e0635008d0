import { fillMail, type Mail, type MailTemplate } from '../template.ts';

export interface AddressInUseValues {
  /** `PUBLIC_URL` or a portal's address, without a trailing `/`. */
  readonly site: string;
  /** null for a pending account. */
  readonly username: string | null;
}

/** Tells the owner of an address that somebody tried to register with it. */
export const addressInUseMail = (template: MailTemplate, values: AddressInUseValues): Mail =>
  fillMail(template, { site: values.site, username: values.username });
