import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** How the server treats a mail. A number is the reply code at RCPT TO. */
export type Behaviour = 'accept' | 'hang' | 'drop-after-data' | 421 | 450 | 550;

export interface ReceivedMail {
  readonly recipients: readonly string[];
  readonly raw: string;
  readonly mail: Email;
}

export interface TestSmtpServer {
  readonly url: string;
  /** What it took over, in order. */
  readonly received: readonly ReceivedMail[];
  /** Connections that were opened so far. */
  connections(): number;
  /** How it treats mails from now on; a list is used up one by one, its last entry stays. */
  behave(...behaviour: readonly Behaviour[]): void;
  /** Resolves when so many mails were taken over. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

const refusal = (code: number): Error => Object.assign(new Error('not now'), { responseCode: code });

/** A real SMTP server on a free port of this machine, which can be told to misbehave. */
export async function startSmtpServer(): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  let plan: Behaviour[] = ['accept'];
  let connections = 0;
  const next = (): Behaviour => (plan.length > 1 ? plan.shift() : plan[0]) ?? 'accept';
  let current: Behaviour = 'accept';
  const options: SMTPServerOptions = {
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 50,
    onConnect: (_session, callback) => {
      connections += 1;
      callback();
    },
    onMailFrom: (_address, _session, callback) => {
      current = next();
      callback();
    },
    onRcptTo: (_address, _session, callback) => {
      if (current === 'hang') return;
      callback(typeof current === 'number' ? refusal(current) : null);
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        void PostalMime.parse(raw).then((mail) => {
          received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), raw: String(raw), mail });
          if (current === 'drop-after-data') for (const connection of server.connections) connection.close();
          else callback();
        });
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${String(port)}`,
    received,
    connections: () => connections,
    behave: (...behaviour) => void (plan = [...behaviour]),
    until: async (count) => {
      while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}
