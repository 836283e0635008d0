import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

export const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * HMAC-SHA-256 over length-prefixed parts (4 bytes, big endian, of each part's UTF-8 length), so that no two
 * lists of parts give the same input. A KeyObject is several times faster than bytes, which Node looks at anew each time.
 */
export const hmacOfParts = (key: Uint8Array | KeyObject, parts: readonly string[]): Buffer => {
  const mac = createHmac('sha256', key);
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    mac.update(length).update(bytes);
  }
  return mac.digest();
};

/** The first 16 bytes as a UUID of version 8 (RFC 9562, "custom"): stable names for things derived from other things. */
export const uuidFromBytes = (bytes: Uint8Array): string => {
  const b = Buffer.from(bytes.subarray(0, 16));
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x80;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = b.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const DERIVED_UUID = createSecretKey('rollbook-derived-uuid', 'utf8');

/** A UUID that depends on all parts and on nothing else. */
export const derivedUuid = (...parts: readonly string[]): string => uuidFromBytes(hmacOfParts(DERIVED_UUID, parts));

/** Compares without telling by its time where two values differ. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
