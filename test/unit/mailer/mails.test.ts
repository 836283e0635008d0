import { describe, expect, test } from '@jest/globals';
import { readConfig } from '@rollbook/shared/process/config';
import { z } from 'zod';
import { mailFrom } from '../../../mailer-worker/src/mail-from.ts';
import { acceptInvitationMail } from '../../../mailer-worker/src/mails/accept-invitation/accept-invitation.mail.ts';
import { confirmEmailChangeMail } from '../../../mailer-worker/src/mails/confirm-email-change/confirm-email-change.mail.ts';
import { confirmErasureMail } from '../../../mailer-worker/src/mails/confirm-erasure/confirm-erasure.mail.ts';
import { loadTemplate, loadTemplates } from '../../../mailer-worker/src/mails/load-template.ts';
import { noticeMail } from '../../../mailer-worker/src/mails/notice.mail.ts';
import { resetPasswordMail } from '../../../mailer-worker/src/mails/reset-password/reset-password.mail.ts';
import { fillMail } from '../../../mailer-worker/src/mails/template.ts';
import { verifyEmailMail } from '../../../mailer-worker/src/mails/verify-email/verify-email.mail.ts';

const verifyTemplate = await loadTemplate('verify-email');
const inUseTemplate = await loadTemplate('address-in-use');
const site = 'https://rollbook.example';

describe('The verification mail', () => {
  test('has its link on a line of its own', () => {
    const mail = verifyEmailMail(verifyTemplate, {
      site,
      username: 'mia',
      verifyToken: 'aaa.bbb.ccc',
      rejectToken: null,
    });
    expect(mail.text.split('\n')).toContain('https://rollbook.example/verify-email?token=aaa.bbb.ccc');
    expect(mail.html).toContain('href="https://rollbook.example/verify-email?token=aaa.bbb.ccc"');
    expect(mail.text).toContain('Hello mia,');
  });

  test('to a pending account has a second link and no name', () => {
    const mail = verifyEmailMail(verifyTemplate, { site, username: null, verifyToken: 'v', rejectToken: 'r' });
    expect(mail.text.split('\n')).toContain('https://rollbook.example/reject-registration?token=r');
    expect(mail.html).toContain('href="https://rollbook.example/reject-registration?token=r"');
    expect(mail.text).toContain('Hello,\n');
    expect(mail.html).toContain('<p>Hello,</p>');
  });

  test('to any other account says nothing of a second link', () => {
    const mail = verifyEmailMail(verifyTemplate, { site, username: 'mia', verifyToken: 'v', rejectToken: null });
    expect(mail.text + mail.html).not.toMatch(/reject|not you/);
  });

  test('leaves no place of its template open', () => {
    const mail = verifyEmailMail(verifyTemplate, { site, username: null, verifyToken: 'v', rejectToken: 'r' });
    expect(mail.subject + mail.text + mail.html).not.toMatch(/[{}]/);
  });
});

describe('The mail "your address is in use"', () => {
  test('names the site and has no link with a token', () => {
    const mail = noticeMail(inUseTemplate, { site, username: null });
    expect(mail.text).toContain('at https://rollbook.example.');
    expect(mail.text + mail.html).not.toContain('token');
    expect(mail.subject).toBe('Your email address already has an account');
  });
});

describe('The mails about passwords and addresses', () => {
  test.each([
    ['reset-password', resetPasswordMail],
    ['accept-invitation', acceptInvitationMail],
    ['confirm-email-change', confirmEmailChangeMail],
    ['confirm-erasure', confirmErasureMail],
  ] as const)('%s: the link stands on a line of its own, and in the page', async (kind, write) => {
    const mail = write((await loadTemplates())[kind], { site, username: 'mia', token: 'aaa.bbb.ccc' });
    expect(mail.text.split('\n')).toContain(`https://rollbook.example/${kind}?token=aaa.bbb.ccc`);
    expect(mail.html).toContain(`href="https://rollbook.example/${kind}?token=aaa.bbb.ccc"`);
    expect(mail.text).toContain('Hello mia,');
    expect(mail.subject + mail.text + mail.html).not.toMatch(/[{}]/);
  });

  test.each(['account-deactivated', 'password-changed', 'email-change-requested', 'email-changed'] as const)(
    '%s only tells',
    async (kind) => {
      const mail = noticeMail((await loadTemplates())[kind], { site, username: null });
      expect(mail.text).toContain('at https://rollbook.example');
      expect(mail.subject + mail.text + mail.html).not.toMatch(/[{}]|token=/);
    },
  );
});

describe('Values in mails', () => {
  const template = { subject: 'For {{name}}', text: 'Dear {{name}}\n', html: '<p>{{name}}</p>' };

  test('are escaped in HTML', () => {
    expect(fillMail(template, { name: `<a href="x">'&` }).html).toBe('<p>&lt;a href=&quot;x&quot;&gt;&#39;&amp;</p>');
  });

  test('cannot break the line or turn the text round', () => {
    const mail = fillMail(template, { name: 'Mia\r\nBcc: all@example.org\u202edcba' });
    expect(mail.subject).toBe('For Mia Bcc: all@example.org dcba');
    expect(mail.text).toBe('Dear Mia Bcc: all@example.org dcba\n');
  });

  test('are not taken for places themselves', () => {
    expect(fillMail(template, { name: '{{other}} $& $1' }).text).toBe('Dear {{other}} $& $1\n');
  });

  test('must all be given', () => {
    expect(() => fillMail(template, {})).toThrow(RangeError);
  });
});

describe('MAIL_FROM', () => {
  const read = (text: string) => readConfig(z.object({ MAIL_FROM: mailFrom() }), { MAIL_FROM: text }).MAIL_FROM;

  test('is an address, or a name with one', () => {
    expect(read('no-reply@example.org')).toEqual({ name: '', address: 'no-reply@example.org' });
    expect(read('Rollbook <no-reply@example.org>')).toEqual({ name: 'Rollbook', address: 'no-reply@example.org' });
    expect(read('"Roll book" <a@b>')).toEqual({ name: 'Roll book', address: 'a@b' });
  });

  test.each(['nobody', 'a@b, c@d', 'x <a@b>, y <c@d>', 'Rollbook\r\nBcc: <a@b>', '<>'])('%j is refused', (text) => {
    expect(() => read(text)).toThrow(/^MAIL_FROM must be an address/);
  });
});
