import type { OpenRoute } from '@rollbook/shared/http/build-app';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';

/** `GET /.well-known/jwks.json`: the public keys of the access tokens (RFC 7517), the current one first. */
export const signingKeys = (keys: readonly NamedKey[]): OpenRoute => {
  const body = JSON.stringify({
    keys: keys.map(({ id, key }) => ({ ...key.export({ format: 'jwk' }), kid: id, alg: 'RS256', use: 'sig' })),
  });
  return {
    path: '/.well-known/jwks.json',
    answer: () => ({
      status: 200,
      type: 'application/json; charset=utf-8',
      body,
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  };
};
