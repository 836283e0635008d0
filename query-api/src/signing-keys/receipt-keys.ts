import type { OpenRoute } from '@rollbook/shared/http/build-app';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';

/** `GET /.well-known/receipt-keys.json`: the keys (RFC 7517, Ed25519) that receipts of erasures verify with. */
export const receiptKeys = (keys: readonly NamedKey[]): OpenRoute => {
  const body = JSON.stringify({
    keys: keys.map(({ id, key }) => ({ ...key.export({ format: 'jwk' }), kid: id, alg: 'EdDSA', use: 'sig' })),
  });
  return {
    path: '/.well-known/receipt-keys.json',
    answer: () => ({
      status: 200,
      type: 'application/json; charset=utf-8',
      body,
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  };
};
