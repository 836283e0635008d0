import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutgoingMail } from '../../../mailer-worker/src/deliver-mail/mail-transport.ts';
import { smtpTransport } from '../../../mailer-worker/src/deliver-mail/smtp-transport.ts';
import { startSmtpServer, type TestSmtpServer } from '../../support/smtp.ts';

const mail: OutgoingMail = {
  to: 'mia@example.org',
  messageId: '<1.verify-email@rollbook.example>',
  date: Date.UTC(2026, 0, 2, 3, 4, 5),
  subject: 'Grüße',
  text: `A line\n\nhttps://rollbook.example/verify-email?token=${'x'.repeat(400)}\n`,
  html: '<p>A line</p>',
};
const from = { name: 'Rollbook', address: 'no-reply@rollbook.example' };

describe('Mail over SMTP', () => {
  let server: TestSmtpServer;
  beforeAll(async () => {
    server = await startSmtpServer();
  });
  afterAll(() => server.close());

  const send = async (change: Partial<OutgoingMail> = {}, timeoutMs = 5_000) => {
    const transport = smtpTransport({ url: server.url, from, timeoutMs });
    try {
      return await transport.send({ ...mail, ...change });
    } finally {
      transport.close();
    }
  };

  test('arrives whole: recipient, sender, identity, text and HTML', async () => {
    server.behave('accept');
    expect(await send()).toEqual({ outcome: 'accepted' });
    const received = server.received.at(-1);
    expect(received?.recipients).toEqual(['mia@example.org']);
    expect(received?.mail).toMatchObject({
      from: { name: 'Rollbook', address: 'no-reply@rollbook.example' },
      to: [{ address: 'mia@example.org' }],
      subject: 'Grüße',
      messageId: '<1.verify-email@rollbook.example>',
      date: '2026-01-02T03:04:05.000Z',
    });
    expect(received?.mail.text?.trim().split('\n').at(-1)).toBe(mail.text.trim().split('\n').at(-1));
    expect(received?.mail.html?.trim()).toBe('<p>A line</p>');
  });

  test.each([
    'a@example.org, b@example.org',
    'x <a@example.org>',
    'group: a@example.org;',
    'a@example.org\r\nBcc: b@example.org',
    '"a b"@example.org',
  ])('does not go out to %j, which is not one plain address', async (to) => {
    server.behave('accept');
    const before = server.connections();
    expect(await send({ to })).toEqual({ outcome: 'refused', reason: 'not one address' });
    expect(server.connections()).toBe(before);
  });

  test.each([
    [421, { outcome: 'failed', reason: '421 at CONN' }],
    [450, { outcome: 'failed', reason: '450 at RCPT TO' }],
    [550, { outcome: 'refused', reason: '550 at RCPT TO' }],
  ] as const)('answered with %d', async (code, result) => {
    server.behave(code);
    expect(await send()).toEqual(result);
  });

  test('a server that says nothing costs no more than the time allowed', async () => {
    server.behave('hang');
    const begun = Date.now();
    expect(await send({}, 600)).toMatchObject({ outcome: 'failed' });
    expect(Date.now() - begun).toBeLessThan(4_000);
  });

  test('a connection that breaks after the last byte leaves it open whether the mail was taken', async () => {
    server.behave('drop-after-data');
    expect(await send()).toMatchObject({ outcome: 'failed' });
  });

  test('a server that is not there is no reason to give up', async () => {
    const transport = smtpTransport({ url: 'smtp://127.0.0.1:1', from, timeoutMs: 600 });
    expect(await transport.send(mail)).toMatchObject({ outcome: 'failed' });
    transport.close();
  });
});
