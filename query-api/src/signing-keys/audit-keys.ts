import { originOf } from '@rollbook/shared/audit/checkpoint';
import { formatVerifierKey, verifierKey } from '@rollbook/shared/audit/signed-note';
import type { OpenRoute } from '@rollbook/shared/http/build-app';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';

/**
 * `GET /.well-known/audit-keys.json`: the keys (RFC 7517, Ed25519) that checkpoints of the log verify with, the current one
 * first, each also as verifiers of signed notes take it (`vkey`). That needs the log's id, so it is null while nobody can
 * tell it; the keys themselves are always there.
 */
export const auditKeys = (keys: readonly NamedKey[], logId: () => Promise<string>): OpenRoute => ({
  path: '/.well-known/audit-keys.json',
  async answer() {
    const origin = await logId().then(originOf, () => null);
    const body = JSON.stringify({
      origin,
      keys: keys.map(({ id, key }) => ({
        ...key.export({ format: 'jwk' }),
        kid: id,
        alg: 'EdDSA',
        use: 'sig',
        vkey: origin === null ? null : formatVerifierKey(verifierKey(origin, key)),
      })),
    });
    return {
      status: 200,
      type: 'application/json; charset=utf-8',
      body,
      headers: { 'Cache-Control': origin === null ? 'no-store' : 'public, max-age=300' },
    };
  },
});
