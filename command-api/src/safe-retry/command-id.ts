import { canonicalJson, type Json } from '@rollbook/shared/kernel/json';
import { hmacOfParts, uuidFromBytes } from '@rollbook/shared/kernel/digest';

export interface CommandIdentity {
  /** The caller's user id, or `anonymous`. */
  readonly caller: string;
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly idempotencyKey: string;
  readonly body: Json;
}

/**
 * HMAC-SHA-256 under DIGEST_KEY over the length-prefixed parts, cut to a UUID. Another body or target is never the same
 * command; strangers meet only with an identical body. Cannot be guessed from outside.
 */
export const commandIdOf = (digestKey: Buffer, identity: CommandIdentity, attempt: number): string =>
  uuidFromBytes(
    hmacOfParts(digestKey, [
      'command',
      identity.caller,
      identity.method,
      identity.url,
      identity.idempotencyKey,
      canonicalJson(identity.body),
      String(attempt),
    ]),
  );
