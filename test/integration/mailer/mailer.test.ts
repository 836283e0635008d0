import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { until } from '../../support/feed-audience.ts';
import { startMailRig, type MailRig } from '../../support/mail-rig.ts';
import { readMailerConfig } from '../../../mailer-worker/src/config.ts';

const HOUR = 3_600_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const PUBLISH = `insert into message_feed.messages (partition, id, key, type, position, time, data)
  values (3, $1, $2, $3, '1', '2026-01-01T00:00:00Z', '{}')`;

describe('The mailer', () => {
  let rig: MailRig;
  beforeEach(async () => {
    rig = await startMailRig();
  });
  afterEach(() => rig.close());

  const tokenIn = (text: string | undefined, page: string): string =>
    new RegExp(`^https://[^\\s?]+/${page}\\?token=(\\S+)$`, 'm').exec(text ?? '')?.[1] ?? '';

  test('sends somebody who registered a mail with two links that work, and no text of theirs', async () => {
    const mailer = await rig.startMailer();
    const person = await rig.register({ username: 'chosen-by-me' });
    const begun = Date.now();
    await rig.relay();
    await rig.smtp.until(1);
    expect(Date.now() - begun).toBeLessThan(1_000);
    const [received] = rig.smtp.received;
    expect(received?.recipients).toEqual([person.email]);
    expect(received?.mail.messageId).toBe(`<${person.requestId}.verify-email@rollbook.example>`);
    expect(received?.raw).not.toContain('chosen-by-me');
    for (const [page, purpose] of [
      ['verify-email', 'verify-email'],
      ['reject-registration', 'reject-registration'],
    ] as const) {
      const token = tokenIn(received?.mail.text, page);
      expect(rig.links.verify(token, purpose, Date.now())).toMatchObject({
        outcome: 'good',
        claims: { sub: person.id, rid: person.requestId, adr: 'ed' },
      });
      expect(received?.mail.html).toContain(token);
    }
    await rig.untilStatus('sent');
    const ready = await fetch(`${mailer.addresses['http'] ?? ''}/health/ready`);
    expect(ready.status).toBe(200);
  });

  test('puts a message aside that no inbox can take, and is done with it', async () => {
    await rig.startMailer();
    const message = (id: string, key: string, type: string) => rig.pool.query(PUBLISH, [id, key, type]);
    await message('no-uuid', NOBODY, 'rollbook.user.email-verification-requested.v1');
    await message(NOBODY, 'no-uuid', 'rollbook.user.erased.v1');
    await until('both are handled', async () => {
      const { rows } = await rig.pool.query('select from message_feed.group_offsets where partition = 3 and acked = 2');
      return rows.length === 1;
    });
    expect(await rig.deadLetters()).toEqual([
      { message_id: 'no-uuid', reason: 'SQLSTATE 22P02' },
      { message_id: NOBODY, reason: 'SQLSTATE 22P02' },
    ]);
    // Remembered without anything of them, so that whoever looks after the mails sees them.
    const { rows } = await rig.pool.query('select place, reason from mailer.unread_letters order by place');
    expect(rows).toEqual([
      { place: expect.stringMatching(/^3:\d+$/), reason: 'SQLSTATE 22P02' },
      { place: expect.stringMatching(/^3:\d+$/), reason: 'SQLSTATE 22P02' },
    ]);
  });

  test('leaves the second link out for an account that staff created, and follows the portal', async () => {
    await rig.startMailer();
    await rig.register({ via: 'staff', portal: 'shop' });
    await rig.relay();
    await rig.smtp.until(1);
    const text = rig.smtp.received[0]?.mail.text ?? '';
    expect(text).toContain('Hello mia,');
    expect(text).toMatch(/^https:\/\/shop\.example\/account\/verify-email\?token=/m);
    expect(text).not.toContain('reject-registration');
  });

  test('tells an owner that their address is in use', async () => {
    await rig.startMailer();
    const person = await rig.register();
    await rig.relay();
    await rig.smtp.until(1);
    await rig.noticeAddressInUse(person);
    await rig.relay();
    await rig.smtp.until(2);
    expect(rig.smtp.received[1]?.recipients).toEqual([person.email]);
    expect(rig.smtp.received[1]?.mail.subject).toBe('Your email address already has an account');
  });

  test('two of them send each mail once', async () => {
    await Promise.all([rig.startMailer(), rig.startMailer()]);
    for (let n = 0; n < 12; n += 1) await rig.register();
    await rig.relay();
    await rig.untilStatus(...Array.from({ length: 12 }, () => 'sent'));
    expect(new Set(rig.smtp.received.map(({ mail }) => mail.messageId)).size).toBe(12);
    expect(rig.smtp.received).toHaveLength(12);
  });

  test('tries again after a temporary refusal, and keeps the mail while the server hangs', async () => {
    rig.smtp.behave(450, 'hang', 'accept');
    await rig.startMailer({ smtpTimeoutMs: 900 });
    await rig.register();
    await rig.relay();
    await rig.untilStatus('sent');
    expect(rig.smtp.received).toHaveLength(1);
    expect(await rig.deliveries()).toMatchObject([{ attempts: 3, message: null }]);
  });

  test('puts a mail that the server refuses for good into the dead letters, without an address', async () => {
    rig.smtp.behave(550);
    await rig.startMailer();
    const person = await rig.register();
    await rig.relay();
    await rig.untilStatus('dead');
    expect(await rig.deadLetters()).toEqual([{ message_id: person.requestId, reason: '550 at RCPT TO' }]);
    expect(JSON.stringify(await rig.deliveries())).not.toContain(person.email);
  });

  test('does not send what was asked for so long ago that the link is dead', async () => {
    await rig.startMailer();
    await rig.register({ at: Date.now() - 25 * HOUR });
    await rig.relay();
    await rig.untilStatus('expired');
    expect(await rig.deliveries()).toMatchObject([{ reason: 'too_old' }]);
    expect(rig.smtp.connections()).toBe(0);
  });

  test('sends only the newest of two mails that were asked for', async () => {
    const person = await rig.register();
    await rig.append(userStream(person.id), {
      type: 'EmailVerificationRequested',
      data: { withRejection: true, portal: null, emailDigest: 'ed' },
      personal: { email: person.email, username: 'mia' },
    });
    await rig.relay();
    await rig.startMailer();
    await rig.untilStatus('expired', 'sent');
    expect(rig.smtp.received).toHaveLength(1);
    expect(rig.smtp.received[0]?.mail.messageId).not.toContain(person.requestId);
  });

  test('drops the mail of somebody whose key was destroyed', async () => {
    const person = await rig.register();
    await rig.keys.destroy(person.id, null);
    await rig.relay();
    await rig.startMailer();
    await rig.untilStatus('dropped');
    expect(await rig.deliveries()).toMatchObject([{ reason: 'erased', user_id: null, message: null }]);
  });

  test('forgets what waits for somebody who is erased', async () => {
    rig.smtp.behave(450);
    await rig.startMailer();
    const person = await rig.register();
    await rig.relay();
    await rig.untilStatus('waiting');
    await rig.append(userStream(person.id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    await rig.relay();
    await rig.untilStatus();
  });

  test('takes a missing key for a fault and tries again when it is back', async () => {
    await rig.startMailer();
    const person = await rig.register();
    await rig.pool.query('alter table keys.person_keys disable trigger all');
    await rig.pool.query(`update keys.person_keys set subject = 'away' where subject = '${person.id}'`);
    await rig.relay();
    await rig.untilStatus('waiting');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await rig.deliveries()).toMatchObject([{ status: 'waiting', reason: 'UnreadableEvent' }]);
    await rig.pool.query(`update keys.person_keys set subject = '${person.id}' where subject = 'away'`);
    await rig.untilStatus('sent');
  });

  test('stops in time while the mail server hangs, and sends the mail after its restart', async () => {
    rig.smtp.behave('hang', 'accept');
    const first = await rig.startMailer();
    await rig.register();
    await rig.relay();
    while (rig.smtp.connections() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const begun = Date.now();
    await first.stop();
    expect(Date.now() - begun).toBeLessThan(3_000);
    await rig.startMailer();
    await rig.untilStatus('sent');
    expect(rig.smtp.received).toHaveLength(1);
  });

  test('sends after its restart what waited meanwhile, and nothing twice', async () => {
    const first = await rig.startMailer();
    await rig.register();
    await rig.relay();
    await rig.smtp.until(1);
    await first.stop();
    await rig.register();
    await rig.relay();
    await rig.startMailer();
    await rig.untilStatus('sent', 'sent');
    expect(rig.smtp.received).toHaveLength(2);
  });
});

describe("The mailer's settings", () => {
  test('name what is missing', () => {
    expect(() => readMailerConfig({ DATABASE_URL: 'postgres://127.0.0.1/x' })).toThrow(
      /^SMTP_URL must be a URL[^\n]*\nMAIL_FROM must be[^\n]*\nPUBLIC_URL must be[^\n]*\nMASTER_KEY must be[^\n]*\nLINK_KEYS must be/,
    );
  });
});
