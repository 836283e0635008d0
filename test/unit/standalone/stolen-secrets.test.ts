import { createHmac, randomUUID, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, publicKeyList, secretList } from '@rollbook/shared/process/secret-settings';
import { TokenSigner, TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { z } from 'zod';
import { provideSecrets } from '../../../deploy/standalone/secrets.ts';
import { settingsOf, type ServiceName } from '../../../deploy/standalone/service-settings.ts';

const rules = { issuer: 'http://localhost:8000', audience: 'rollbook' };
const now = Date.UTC(2026, 0, 1);
const iat = now / 1_000;
const claims = {
  iss: rules.issuer,
  aud: rules.audience,
  sub: randomUUID(),
  iat,
  exp: iat + 900,
  jti: randomUUID(),
  sid: randomUUID(),
  typ: 'access',
  ver: 0,
  role: 'admin',
};
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const forge = (header: object, makeSignature: (text: string) => Buffer): string => {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${makeSignature(text).toString('base64url')}`;
};

describe('With the secrets of a service that makes no tokens', () => {
  let folder: string;
  let secrets: NodeJS.ProcessEnv;
  let verifier: TokenVerifier;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollbook-unit-'));
    secrets = { ...(await provideSecrets(folder, {}, () => Promise.resolve(true))) };
    const { TOKEN_PUBLIC_KEYS } = readConfig(z.object({ TOKEN_PUBLIC_KEYS: publicKeyList('rsa') }), secrets);
    verifier = new TokenVerifier(TOKEN_PUBLIC_KEYS, rules);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('command-api, which has the private key, makes tokens that are accepted: the forger below knows the form', () => {
    const { TOKEN_PRIVATE_KEYS: keys } = readConfig(
      z.object({ TOKEN_PRIVATE_KEYS: privateKeyList('rsa') }),
      settingsOf('command-api', secrets),
    );
    const { sub: userId, sid: sessionId, jti: tokenId, iat: issuedAt, exp: expiresAt } = claims;
    const subject = { userId, sessionId, tokenId, issuedAt, expiresAt };
    const token = new TokenSigner(keys, rules).access(subject, { role: 'admin', ver: 0 });
    expect(verifier.access(token, now).outcome).toBe('good');
    const forged = forge({ alg: 'RS256', typ: 'JWT', kid: 'k1' }, (text) =>
      sign('sha256', Buffer.from(text), keys[0].key),
    );
    expect(verifier.access(forged, now).outcome).toBe('good');
  });

  test.each<ServiceName>(['query-api', 'mailer-worker', 'projector'])(
    'nobody makes one with those of %s',
    (service) => {
      const own = settingsOf(service, secrets);
      const values = Object.values(own).map((value) => value ?? '');
      // Everything that stands in a setting, as it is and decoded, tried as a key of an HMAC and of a signature.
      const bytes = values.flatMap((value) => {
        const encoded = value.replace(/^k1:/, '');
        const der = Buffer.from(encoded, 'base64');
        const pem = `-----BEGIN PUBLIC KEY-----\n${encoded.replace(/(.{64})/g, '$1\n')}\n-----END PUBLIC KEY-----\n`;
        return [Buffer.from(value), Buffer.from(encoded), der, Buffer.from(pem)];
      });
      const tokens = bytes.flatMap((key) =>
        ['HS256', 'RS256'].map((alg) =>
          forge({ alg, typ: 'JWT', kid: 'k1' }, (text) => createHmac('sha256', key).update(text).digest()),
        ),
      );
      const keyOf = (name: string): KeyObject[] =>
        own[name] === undefined
          ? []
          : [readConfig(z.object({ [name]: privateKeyList('ed25519') }), own)[name]?.[0].key].filter(
              (key) => key !== undefined,
            );
      for (const key of keyOf('NOTARY_PRIVATE_KEYS'))
        tokens.push(forge({ alg: 'RS256', typ: 'JWT', kid: 'k1' }, (text) => sign(null, Buffer.from(text), key)));
      tokens.push(forge({ alg: 'none', typ: 'JWT', kid: 'k1' }, () => Buffer.alloc(0)));
      expect(tokens.length).toBeGreaterThan(10);
      for (const token of tokens) expect(verifier.access(token, now)).toEqual({ outcome: 'bad' });
    },
  );

  test('a link of a mail is no access token', () => {
    const { LINK_KEYS } = readConfig(z.object({ LINK_KEYS: secretList() }), settingsOf('mailer-worker', secrets));
    const subject = { userId: claims.sub, requestId: randomUUID(), emailDigest: 'd', requestedAt: now };
    const link = new LinkTokens(LINK_KEYS, 86_400_000).sign({ purpose: 'verify-email', ...subject });
    expect(verifier.access(link, now)).toEqual({ outcome: 'bad' });
  });
});
