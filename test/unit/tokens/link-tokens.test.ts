import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { DAY, HOUR } from '@rollbook/shared/kernel/clock';
import { LINK_PURPOSES, LinkTokens, type LinkSubject } from '@rollbook/shared/tokens/link-tokens';
import { signJwt } from '@rollbook/shared/tokens/strict-jwt';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const ID = '11111111-1111-4111-8111-111111111111';
const first = { id: 'l1', secret: Buffer.alloc(32, 5) };
const links = new LinkTokens([first], 7 * DAY);
const subject = (purpose: LinkSubject['purpose']): LinkSubject => ({
  purpose,
  userId: ID,
  requestId: ID,
  emailDigest: 'digest',
  requestedAt: NOW,
});

describe('A link', () => {
  test('is derived: the same request gives the same link', () => {
    expect(links.sign(subject('verify-email'))).toBe(links.sign(subject('verify-email')));
  });

  test.each([
    ['verify-email', 24 * HOUR],
    ['reject-registration', 7 * DAY],
  ] as const)('to %s dies %p ms after its request, without leeway', (purpose, life) => {
    const token = links.sign(subject(purpose));
    expect(links.verify(token, purpose, NOW + life - 1).outcome).toBe('good');
    expect(links.verify(token, purpose, NOW + life).outcome).toBe('expired');
  });

  test('to reject lives as long as a registration may wait', () => {
    const short = new LinkTokens([first], HOUR);
    const token = short.sign(subject('reject-registration'));
    expect(short.verify(token, 'reject-registration', NOW + HOUR).outcome).toBe('expired');
  });

  test('of one purpose is worth nothing for another, dead or alive', () => {
    for (const made of LINK_PURPOSES)
      for (const wanted of LINK_PURPOSES.filter((one) => one !== made)) {
        expect(links.verify(links.sign(subject(made)), wanted, NOW).outcome).toBe('bad');
        expect(links.verify(links.sign(subject(made)), wanted, NOW + 30 * DAY).outcome).toBe('bad');
      }
  });

  test('made with an older key works while that key is listed', () => {
    const next = { id: 'l2', secret: Buffer.alloc(32, 6) };
    const token = links.sign(subject('verify-email'));
    expect(new LinkTokens([next, first], DAY).verify(token, 'verify-email', NOW).outcome).toBe('good');
    expect(new LinkTokens([next], DAY).verify(token, 'verify-email', NOW).outcome).toBe('bad');
    const guessed = new LinkTokens([{ id: 'l1', secret: next.secret }], DAY);
    expect(guessed.verify(token, 'verify-email', NOW).outcome).toBe('bad');
  });

  test('with a claim too many, a purpose that is none or without its end is bad', () => {
    const claims = {
      iss: 'rollbook',
      aud: 'rollbook-link',
      typ: 'link',
      sub: ID,
      pur: 'verify-email',
      rid: ID,
      adr: 'digest',
    };
    const times = { iat: NOW / 1_000, exp: NOW / 1_000 + 60 };
    const key = { id: 'l1', key: createSecretKey(first.secret) };
    const verify = (body: object) =>
      links.verify(signJwt({ ...body }, { algorithm: 'HS256', key }), 'verify-email', NOW).outcome;
    expect(verify({ ...claims, ...times })).toBe('good');
    expect(verify({ ...claims, ...times, role: 'admin' })).toBe('bad');
    expect(verify({ ...claims, ...times, pur: 'reset-password' })).toBe('bad');
    expect(verify({ ...claims, iat: times.iat })).toBe('bad');
    expect(verify({ ...claims, ...times, typ: 'access' })).toBe('bad');
    expect(verify({ ...claims, ...times, aud: 'rollbook' })).toBe('bad');
  });
});
