import { createHmac, createSecretKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { TokenSigner, TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { signJwt } from '@rollbook/shared/tokens/strict-jwt';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const SECONDS = NOW / 1_000;
const rules = { issuer: 'https://rollbook.example', audience: 'rollbook' };
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const verifier = new TokenVerifier([{ id: 'k1', key: pair.publicKey }], rules);
const signer = new TokenSigner([{ id: 'k1', key: pair.privateKey }], rules);
const ID = '11111111-1111-4111-8111-111111111111';
const subject = { userId: ID, sessionId: ID, tokenId: ID, issuedAt: SECONDS, expiresAt: SECONDS + 900 };
const access = signer.access(subject, { role: 'user', ver: 0 });
const refresh = signer.refresh(subject, { gen: 0 });
const claims = { iss: rules.issuer, aud: rules.audience, sub: ID, jti: ID, sid: ID };
const good = { ...claims, exp: SECONDS + 900, iat: SECONDS, typ: 'access', ver: 0, role: 'user' };
const header = { alg: 'RS256', typ: 'JWT', kid: 'k1' };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token signed with the right key, whatever stands in it. */
const forge = (head: unknown, body: unknown, key = pair.privateKey): string => {
  const input = `${encode(head)}.${encode(body)}`;
  return `${input}.${signBytes('sha256', Buffer.from(input), key).toString('base64url')}`;
};
const hmacForge = (head: unknown, body: unknown, secret: string | Buffer): string => {
  const input = `${encode(head)}.${encode(body)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const outcome = (token: string, now = NOW) => verifier.access(token, now).outcome;

describe('An access token', () => {
  test('that was made here is good, and says who asks', () => {
    expect(verifier.access(access, NOW)).toStrictEqual({ outcome: 'good', claims: good });
    expect(outcome(forge(header, good))).toBe('good');
  });

  test('is the same each time it is made', () => {
    expect(signer.access(subject, { role: 'user', ver: 0 })).toBe(access);
  });

  test('expires, with thirty seconds for clocks that differ', () => {
    expect(outcome(access, NOW + 929_999)).toBe('good');
    expect(outcome(access, NOW + 930_000)).toBe('expired');
  });

  test('is known again when it comes again; one that differs from it in a single character never', () => {
    const fresh = new TokenVerifier([{ id: 'k1', key: pair.publicKey }], rules);
    const heard = [0, 1, 2].map(() => fresh.access(access, NOW));
    expect(heard).toStrictEqual(heard.map(() => ({ outcome: 'good', claims: good })));
    for (const at of [5, access.indexOf('.') + 5, access.lastIndexOf('.') + 5]) {
      const other = `${access.slice(0, at)}${access[at] === 'A' ? 'B' : 'A'}${access.slice(at + 1)}`;
      expect(fresh.access(other, NOW).outcome).toBe('bad');
    }
    expect(fresh.access(access, NOW + 930_000).outcome).toBe('expired');
    // Forgotten then, and none the worse.
    expect(fresh.access(access, NOW + 930_000)).toStrictEqual({ outcome: 'expired', claims: good });
    expect(fresh.access(access, NOW).outcome).toBe('good');
  });

  test('from the future is bad beyond those thirty seconds', () => {
    expect(outcome(access, NOW - 30_000)).toBe('good');
    expect(outcome(access, NOW - 31_000)).toBe('bad');
  });
});

describe('A forged access token', () => {
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' });
  const der = pair.publicKey.export({ format: 'der', type: 'spki' });
  const jwk = attacker.publicKey.export({ format: 'jwk' });
  const without = (name: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

  test.each<[string, string]>([
    ['alg none', `${encode({ ...header, alg: 'none' })}.${encode(good)}.`],
    ['alg None', `${encode({ ...header, alg: 'None' })}.${encode(good)}.`],
    [
      'alg none with the old signature',
      `${encode({ ...header, alg: 'none' })}.${encode(good)}.${access.split('.')[2] ?? ''}`,
    ],
    ['HS256 with the public key as PEM', hmacForge({ ...header, alg: 'HS256' }, good, pem)],
    ['HS256 with the public key as DER', hmacForge({ ...header, alg: 'HS256' }, good, der)],
    ['HS256 with an empty secret', hmacForge({ ...header, alg: 'HS256' }, good, '')],
    ['RS512 in the header', forge({ ...header, alg: 'RS512' }, good)],
    ['another key', forge(header, good, attacker.privateKey)],
    ['a kid with a path', forge({ ...header, kid: '../../../../dev/null' }, good)],
    ['a kid nobody knows', forge({ ...header, kid: 'k2' }, good)],
    ['a kid of the prototype', forge({ ...header, kid: '__proto__' }, good)],
    ['no kid', forge({ alg: 'RS256', typ: 'JWT' }, good)],
    ['an embedded jwk', forge({ ...header, jwk }, good, attacker.privateKey)],
    ['an embedded jwk beside the right signature', forge({ ...header, jwk }, good)],
    ['a jku', forge({ ...header, jku: 'https://evil.example/jwks' }, good)],
    ['an x5u', forge({ ...header, x5u: 'https://evil.example/x' }, good)],
    ['crit', forge({ ...header, crit: ['exp'] }, good)],
    ['b64 false', forge({ ...header, b64: false, crit: ['b64'] }, good)],
    ['another typ in the header', forge({ ...header, typ: 'at+jwt' }, good)],
    ['no exp', forge(header, without('exp'))],
    ['no iat', forge(header, without('iat'))],
    ['exp as text', forge(header, { ...good, exp: String(good.exp) })],
    ['exp with a fraction', forge(header, { ...good, exp: good.exp + 0.5 })],
    ['no sub', forge(header, without('sub'))],
    ['no sid', forge(header, without('sid'))],
    ['no ver', forge(header, without('ver'))],
    ['a role that is none', forge(header, { ...good, role: 'root' })],
    ['a claim that nobody named', forge(header, { ...good, scope: '*' })],
    ['nbf', forge(header, { ...good, nbf: SECONDS - 10 })],
    ['another issuer', forge(header, { ...good, iss: 'https://evil.example' })],
    ['another audience', forge(header, { ...good, aud: 'other' })],
    ['a list of audiences', forge(header, { ...good, aud: ['rollbook', 'other'] })],
    [
      'a changed claim',
      `${access.split('.')[0] ?? ''}.${encode({ ...good, role: 'admin' })}.${access.split('.')[2] ?? ''}`,
    ],
    ['no signature', access.split('.').slice(0, 2).join('.')],
    ['a fourth part', `${access}.x`],
    ['no JSON', 'a.b.c'],
    ['nothing', ''],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('with %s is bad', (_name, token) => {
    expect(verifier.access(token, NOW)).toStrictEqual({ outcome: 'bad' });
  });
});

describe('A token of another kind', () => {
  const linkSecret = { id: 'k1', secret: Buffer.alloc(32, 5) };
  const links = new LinkTokens([linkSecret], 7 * 86_400_000);
  const verifyLink = {
    userId: ID,
    requestId: ID,
    emailDigest: 'd',
    requestedAt: NOW,
    purpose: 'verify-email',
  } as const;

  test('refresh is no access token, and the reverse', () => {
    expect(outcome(refresh)).toBe('bad');
    expect(verifier.refresh(access, NOW).outcome).toBe('bad');
    expect(verifier.refresh(refresh, NOW).outcome).toBe('good');
  });

  test('a link is neither, and neither is a link', () => {
    const link = links.sign(verifyLink);
    expect(outcome(link)).toBe('bad');
    expect(verifier.refresh(link, NOW).outcome).toBe('bad');
    expect(links.verify(access, 'verify-email', NOW).outcome).toBe('bad');
    expect(links.verify(refresh, 'verify-email', NOW).outcome).toBe('bad');
  });

  test('whoever holds the link keys cannot make an access token', () => {
    const key = { id: 'k1', key: createSecretKey(linkSecret.secret) };
    expect(outcome(signJwt(good, { algorithm: 'HS256', key }))).toBe('bad');
  });
});

test('A retired key still verifies while it is listed, and no longer', () => {
  const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [
    { id: 'k2', key: next.publicKey },
    { id: 'k1', key: pair.publicKey },
  ];
  expect(new TokenVerifier(keys, rules).access(access, NOW).outcome).toBe('good');
  expect(new TokenVerifier(keys.slice(0, 1), rules).access(access, NOW).outcome).toBe('bad');
  const renamed = [{ id: 'k1', key: next.publicKey }];
  expect(new TokenVerifier(renamed, rules).access(access, NOW).outcome).toBe('bad');
});
