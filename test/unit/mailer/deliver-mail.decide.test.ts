import { describe, expect, test } from '@jest/globals';
import { NOBODY, type Person } from '@rollbook/shared/person/person.state';
import { decideMail, type MailRequest } from '../../../mailer-worker/src/deliver-mail/deliver-mail.decide.ts';
import { MOST_ATTEMPTS, retryDelay } from '../../../mailer-worker/src/deliver-mail/retry-delay.ts';

const request: MailRequest = {
  kind: 'verify-email',
  requestId: 'r1',
  requestedAt: 0,
  email: 'mia@example.org',
  username: 'mia',
  portal: null,
};
const person: Person = {
  ...NOBODY,
  existence: 'registered',
  id: 'p1',
  email: 'mia@example.org',
  verification: { requestId: 'r1', emailDigest: 'd', requestedAt: '2026-01-01T00:00:00.000Z', withRejection: true },
};

describe('Whether a mail is still worth sending', () => {
  test('it is, while its link lives and its request is the current one', () => {
    expect(decideMail(request, person, 99, 100)).toEqual({ send: true });
  });

  test.each<[string, Partial<Person>, Partial<MailRequest>, number, string]>([
    ['its link would be dead', {}, {}, 100, 'too_old'],
    ['the person is gone', { existence: 'erased' }, {}, 0, 'person_gone'],
    ['the person never came to be', { existence: 'abandoned' }, {}, 0, 'person_gone'],
    ['the address is another one now', { email: 'new@example.org' }, {}, 0, 'address_changed'],
    ['a newer mail was asked for', {}, { requestId: 'r0' }, 0, 'request_superseded'],
    ['the address was verified', { emailVerified: true, verification: null }, {}, 0, 'request_closed'],
    ['the link was used', { usedRequests: ['r1'] }, {}, 0, 'request_closed'],
  ])('it is not, when %s', (_what, personChange, requestChange, now, reason) => {
    expect(decideMail({ ...request, ...requestChange }, { ...person, ...personChange }, now, 100)).toEqual({
      send: false,
      reason,
    });
  });

  test('"your address is in use" needs no open request', () => {
    const notice: MailRequest = { ...request, kind: 'address-in-use', requestId: 'n1' };
    expect(decideMail(notice, { ...person, emailVerified: true, verification: null }, 0, 100)).toEqual({ send: true });
  });
});

describe('A mail with a link to a password', () => {
  const open = { requestId: 'r1', emailDigest: 'd', requestedAt: '2026-01-01T00:00:00.000Z', withRejection: false };
  const decide = (kind: MailRequest['kind'], change: Partial<Person>) =>
    decideMail({ ...request, kind }, { ...person, status: 'active', verification: null, ...change }, 0, 100);

  test.each([
    ['reset-password', 'reset'],
    ['accept-invitation', 'invitation'],
  ] as const)('%s is sent while its request is the open one', (kind, field) => {
    expect(decide(kind, { [field]: open })).toEqual({ send: true });
    expect(decide(kind, { [field]: { ...open, requestId: 'r2' } })).toEqual({
      send: false,
      reason: 'request_superseded',
    });
    expect(decide(kind, { [field]: null })).toEqual({ send: false, reason: 'request_superseded' });
    expect(decide(kind, { usedRequests: ['r1'] })).toEqual({ send: false, reason: 'request_closed' });
    expect(decide(kind, { [field]: open, status: 'deactivated' })).toEqual({ send: false, reason: 'request_closed' });
  });

  test('the notice to a deactivated account is sent while it is deactivated', () => {
    expect(decide('account-deactivated', { status: 'deactivated' })).toEqual({ send: true });
    expect(decide('account-deactivated', { status: 'active' })).toEqual({ send: false, reason: 'request_closed' });
  });

  test('"your password was changed" needs no open request', () => {
    expect(decide('password-changed', {})).toEqual({ send: true });
  });
});

describe('Mails about another address', () => {
  const open = { requestId: 'r1', emailDigest: 'n', requestedAt: '2026-01-01T00:00:00.000Z', withRejection: false };
  const asked: Partial<Person> = { status: 'active', emailChange: { ...open, email: 'new@example.org' } };
  const decide = (kind: MailRequest['kind'], change: Partial<Person>, email = 'mia@example.org') =>
    decideMail({ ...request, kind, email }, { ...person, ...asked, ...change }, 0, 100);
  const confirm = (change: Partial<Person>) => decide('confirm-email-change', change, 'new@example.org');

  test('the link goes to the new address while its request is the open one', () => {
    expect(confirm({})).toEqual({ send: true });
    expect(confirm({ emailChange: null })).toEqual({ send: false, reason: 'request_superseded' });
    expect(confirm({ emailChange: { ...open, requestId: 'r2', email: 'other@example.org' } })).toEqual({
      send: false,
      reason: 'request_superseded',
    });
    expect(confirm({ usedRequests: ['r1'] })).toEqual({ send: false, reason: 'request_closed' });
    expect(confirm({ status: 'deactivated' })).toEqual({ send: false, reason: 'request_closed' });
  });

  test('the former address is told of the request, also of one that another replaced', () => {
    expect(decide('email-change-requested', {})).toEqual({ send: true });
    expect(decide('email-change-requested', { emailChange: null })).toEqual({ send: true });
    expect(decide('email-change-requested', { email: 'new@example.org' })).toEqual({
      send: false,
      reason: 'address_changed',
    });
  });

  test('the former address is told of the change, though it is not the address any more', () => {
    expect(decide('email-changed', { email: 'new@example.org', emailChange: null })).toEqual({ send: true });
    expect(decide('email-changed', { existence: 'erased' })).toEqual({ send: false, reason: 'person_gone' });
  });
});

describe('The wait between two attempts', () => {
  test('doubles from one second to a quarter of an hour, with up to a quarter of jitter', () => {
    expect([1, 2, 3, 11, 36, 5000].map((attempt) => retryDelay(attempt, 0))).toEqual([
      1_000, 2_000, 4_000, 900_000, 900_000, 900_000,
    ]);
    expect(retryDelay(1, 0.999)).toBeCloseTo(1_250, -1);
  });

  test('all attempts together outlast a night, and end before the link does', () => {
    const hours =
      Array.from({ length: MOST_ATTEMPTS }, (_, n) => retryDelay(n + 1, 0)).reduce((a, b) => a + b) / 3_600_000;
    expect(hours).toBeGreaterThan(6);
    expect(hours).toBeLessThan(24);
  });
});
