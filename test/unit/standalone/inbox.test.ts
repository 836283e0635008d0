import { randomUUID } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { EMPTY_STREAM, sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { listen, type Listening } from '@rollbook/shared/process/listen';
import { createTransport } from 'nodemailer';
import { forgetErased } from '../../../deploy/standalone/inbox/forget-erased.ts';
import { inboxListener } from '../../../deploy/standalone/inbox/inbox-listener.ts';
import { inboxPage } from '../../../deploy/standalone/inbox/inbox-page.ts';
import { Inbox, type InboxMail } from '../../../deploy/standalone/inbox/inbox.ts';
import { startSmtpInbox } from '../../../deploy/standalone/inbox/smtp-inbox.ts';

const aMail = (change: Partial<InboxMail> = {}): InboxMail => ({
  to: 'mia@example.org',
  subject: 'Hello',
  text: 'A line\n',
  html: '<p>A line</p>',
  received_at: '2026-01-01T00:00:00.000Z',
  ...change,
});

describe('The inbox', () => {
  test('shows the newest first and forgets the oldest beyond its limits', () => {
    const inbox = new Inbox({ count: 3, bytes: 200 });
    for (const subject of ['1', '2', '3', '4']) inbox.add(aMail({ subject }), null);
    expect(inbox.mails.map(({ subject }) => subject)).toEqual(['4', '3', '2']);
    inbox.add(aMail({ subject: '5', text: 'x'.repeat(150) }), null);
    expect(inbox.mails.map(({ subject }) => subject)).toEqual(['5']);
    inbox.add(aMail({ text: 'x'.repeat(500) }), null);
    expect(inbox.mails).toEqual([]);
  });

  test('takes in what comes by SMTP, and refuses what is too large', async () => {
    const inbox = new Inbox();
    const smtp = await startSmtpInbox(inbox, clock);
    const transport = createTransport({ url: smtp.url });
    const mail = { from: 'a@example.org', to: ['mia@example.org', 'ben@example.org'], subject: 'Grüße', text: 'Hi' };
    await transport.sendMail(mail);
    await expect(transport.sendMail({ ...mail, text: 'x'.repeat(1_200_000) })).rejects.toMatchObject({
      responseCode: 552,
    });
    await smtp.close();
    expect(inbox.mails).toMatchObject([
      { to: 'mia@example.org, ben@example.org', subject: 'Grüße', text: 'Hi\n', html: '' },
    ]);
  });

  test('does not take in a mail that was forgotten while it was on its way', () => {
    const inbox = new Inbox();
    inbox.forget(new Set(['e1']));
    inbox.add(aMail({ subject: 'late' }), 'e1.verify-email@host');
    inbox.add(aMail({ subject: 'other' }), 'e2.verify-email@host');
    inbox.add(aMail({ subject: 'none' }), null);
    expect(inbox.mails.map(({ subject }) => subject)).toEqual(['none', 'other']);
  });

  test('forgets the mails to somebody who is erased', async () => {
    const [store, keys, inbox] = [new MemoryEventStore({ clock }), new MemoryKeyRing({ random }), new Inbox()];
    const log = sealedEventLog({ store, keys, clock, random });
    const context = {
      actor: { kind: 'system', id: null },
      origin: null,
      requestId: 'r',
      correlationId: 'r',
      causationId: null,
    } as const;
    const write = async (stream: string, event: Parameters<typeof log.append>[2][number]): Promise<string> => {
      const { end } = await log.read(stream).catch(() => ({ end: EMPTY_STREAM }));
      await log.append(stream, end, [event], { ...context, commandId: randomUUID() });
      return (await store.read(stream, { direction: 'backwards', limit: 1 }))[0]?.id ?? '';
    };
    const [mia, ben] = [randomUUID(), randomUUID()];
    const personal = { email: 'x@example.org', username: 'x' };
    const request = { data: { withRejection: true, portal: null, emailDigest: 'd' }, personal } as const;
    const stopping = new AbortController();
    const forgetting = forgetErased({ store, inbox, clock, onFault: () => undefined }, stopping.signal);
    for (const [who, subject] of [
      [mia, 'to mia'],
      [ben, 'to ben'],
    ] as const)
      inbox.add(
        aMail({ subject }),
        `${await write(userStream(who), { type: 'EmailVerificationRequested', ...request })}.verify-email@localhost`,
      );
    const notice = { type: 'AddressInUseNoticed', data: { portal: null }, personal } as const;
    inbox.add(
      aMail({ subject: 'notice to mia' }),
      `${await write(signinStream(mia), notice)}.address-in-use@localhost`,
    );
    await write(userStream(mia), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    for (let waited = 0; inbox.mails.length > 1 && waited < 3_000; waited += 20)
      await new Promise((wake) => setTimeout(wake, 20));
    expect(inbox.mails.map(({ subject }) => subject)).toEqual(['to ben']);
    stopping.abort();
    await forgetting;
    await store.close();
  });
});

describe('The inbox page', () => {
  test('escapes every value, and puts HTML into a sandbox', () => {
    const page = inboxPage([aMail({ to: '<b>', subject: '"><script>', html: '<script>"evil"</script>' })]);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain(
      '<iframe sandbox title="The mail as HTML" srcdoc="&lt;script&gt;&quot;evil&quot;&lt;/script&gt;"',
    );
  });

  test('makes a link only of a line that is one', () => {
    const page = inboxPage([aMail({ text: 'see https://a.example\nhttps://b.example/?t="x\njavascript:alert(1)\n' })]);
    expect(page.match(/<a [^>]*>/g)).toEqual([
      '<a href="/dev/inbox.json">',
      '<a rel="noreferrer" href="https://b.example/?t=&quot;x">',
    ]);
  });

  test('says when it is empty', () => {
    expect(inboxPage([])).toContain('No mail yet.');
  });
});

describe('Who may read the inbox', () => {
  let server: Listening;
  const inbox = new Inbox();
  inbox.add(aMail(), null);
  beforeAll(async () => {
    server = await listen(createServer(inboxListener(inbox, { clock, random })), { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());

  /** With any Host, which fetch does not allow. */
  const ask = (headers: Record<string, string>, path = '/dev/inbox.json', method = 'GET') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body });
        });
      });
      sent.on('error', reject).end();
    });

  test.each(['localhost:8000', '127.0.0.1', '[::1]:8000', 'LOCALHOST'])(
    'somebody at this machine, as %s',
    async (Host) => {
      expect(await ask({ Host })).toEqual({ status: 200, body: JSON.stringify(inbox.mails) });
      expect((await ask({ Host }, '/dev/inbox?x=1')).body).toContain('<!doctype html>');
      expect(await ask({ Host }, '/dev/inbox', 'HEAD')).toEqual({ status: 200, body: '' });
      expect((await ask({ Host }, '/dev/inbox', 'POST')).status).toBe(405);
    },
  );

  test.each<[string, Record<string, string>]>([
    ['a name that was bent to this machine', { Host: 'evil.example' }],
    ['a name that only looks like this machine', { Host: 'localhost.evil.example:8000' }],
    ['an address of the network', { Host: '192.168.0.7:8000' }],
    ['a proxy that says for whom', { Host: 'localhost', 'X-Forwarded-For': '10.0.0.1' }],
    ['a proxy that says so in the standard way', { Host: 'localhost', Forwarded: 'for=10.0.0.1' }],
    ['a proxy that says only that it is one', { Host: 'localhost', Via: '1.1 proxy' }],
    ['a proxy by another habit', { Host: 'localhost', 'X-Original-For': '10.0.0.1' }],
    ['a proxy of a provider', { Host: 'localhost', 'Fastly-Client-IP': '10.0.0.1' }],
    ['a proxy of a mesh', { Host: 'localhost', 'X-Envoy-External-Address': '10.0.0.1' }],
    ['a proxy that a balancer names', { Host: 'localhost', 'X-ProxyUser-Ip': '10.0.0.1' }],
    ['a page of another origin', { Host: 'localhost:8000', Origin: 'http://localhost:3000' }],
    ['a page of another site', { Host: 'localhost:8000', 'Sec-Fetch-Site': 'cross-site' }],
  ])('nobody through %s', async (_who, headers) => {
    for (const path of ['/dev/inbox', '/dev/inbox.json']) {
      const { status, body } = await ask(headers, path);
      expect(status).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });

  test('nothing else lies beside it', async () => {
    expect((await ask({ Host: 'localhost' }, '/dev/inbox/1')).status).toBe(404);
  });
});
