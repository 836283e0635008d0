import { createTransport } from 'nodemailer';
import type { MailAddress } from '../mail-from.ts';
import type { MailTransport, SendResult } from './mail-transport.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string;
  readonly from: MailAddress;
  /** Longest time of one attempt in ms, whatever the server does. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What is read of nodemailer's errors. Its messages quote addresses, so they are left alone. */
interface SmtpFault {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly permanent?: unknown;
  readonly command?: unknown;
}

/** The API lets nothing else in; here it is the last guard before a header. */
const ONE_ADDRESS = /^[^\s<>"(),:;]+@[^\s<>"(),:;@]+$/;

const word = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && /^[\w .-]{1,40}$/.test(value) ? value : otherwise;

/**
 * 4xx, silence and broken connections pass; 5xx about this mail does not. A refused sign-in or greeting concerns the
 * settings, not the mail, so it is tried again too.
 */
const resultOf = (fault: SmtpFault): SendResult => {
  const command = word(fault.command, 'connection');
  const aboutTheMail = /^(?:MAIL FROM|RCPT TO|DATA)$/.test(command);
  if (typeof fault.responseCode === 'number') {
    const outcome = fault.permanent === true && aboutTheMail ? 'refused' : 'failed';
    return { outcome, reason: `${String(fault.responseCode)} at ${command}` };
  }
  const code = word(fault.code, 'unknown');
  return { outcome: code === 'EENVELOPE' ? 'refused' : 'failed', reason: code };
};

/** Sends over SMTP, each mail on a connection of its own (STARTTLS wherever the server offers it). */
export function smtpTransport({ url, from, timeoutMs = 30_000 }: SmtpOptions): MailTransport {
  const limit = Math.ceil(timeoutMs / 3);
  const transport = createTransport({
    url,
    connectionTimeout: limit,
    greetingTimeout: limit,
    socketTimeout: limit,
    dnsTimeout: limit,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const closing = new AbortController();
  return {
    mostMs: timeoutMs,
    async send({ to, messageId, date, subject, text, html }) {
      if (!ONE_ADDRESS.test(to)) return { outcome: 'refused', reason: 'not one address' };
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          messageId,
          date: new Date(date),
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          // A server that answers a byte at a time would pass every other limit.
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]),
        });
        return { outcome: 'accepted' };
      } catch (fault) {
        return resultOf(fault as SmtpFault);
      }
    },
    close: () => {
      closing.abort();
      transport.close();
    },
  };
}
