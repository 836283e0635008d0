import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Inbox } from './inbox.ts';

export interface SmtpInbox {
  /** `smtp://127.0.0.1:…`, for `SMTP_URL`. */
  readonly url: string;
  close(): Promise<void>;
}

const LARGEST_MAIL = 1024 * 1024;

const refusal = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });

/** A mail server on a free port of this machine; what it is given lands in the inbox before it says yes. */
export async function startSmtpInbox(inbox: Inbox, clock: Clock): Promise<SmtpInbox> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST_MAIL,
    socketTimeout: 10_000,
    closeTimeout: 200,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= LARGEST_MAIL) chunks.push(chunk);
      });
      stream.on('end', () => {
        if (bytes > LARGEST_MAIL) {
          callback(refusal(552, 'This mail is too large'));
          return;
        }
        PostalMime.parse(Buffer.concat(chunks)).then(
          ({ subject, text, html, messageId }) => {
            const to = session.envelope.rcptTo.map(({ address }) => address).join(', ');
            const mail = { to, subject: subject ?? '', text: text ?? '', html: html ?? '' };
            const id = messageId?.replace(/^<|>$/g, '') ?? null;
            inbox.add({ ...mail, received_at: toInstant(clock.now()) }, id);
            callback();
          },
          () => {
            callback(refusal(554, 'This mail cannot be read'));
          },
        );
      });
    },
  });
  // A client that breaks off concerns only itself.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}
