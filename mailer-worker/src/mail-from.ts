import { setting, type Setting } from '@rollbook/shared/process/config';

/** A sender as two values, so that neither is parsed again. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** `MAIL_FROM`: `Name <address>` or the address alone. */
export const mailFrom = (): Setting<MailAddress> =>
  setting('an address (no-reply@example.org) or a name with one (Rollbook <no-reply@example.org>)', (text) => {
    const parts = /^(?:\s*"?([^"<>\p{Cc}]*?)"?\s*<([^\s<>@,]+@[^\s<>@,]+)>|([^\s<>@,]+@[^\s<>@,]+))\s*$/u.exec(text);
    if (!parts) return { problem: 'it is neither' };
    return { value: { name: parts[1] ?? '', address: parts[2] ?? parts[3] ?? '' } };
  });
