import canonicalize from 'canonicalize';

/** A value that JSON can carry without loss. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * RFC 8785 (JSON Canonicalization Scheme): equal values give equal bytes.
 * Throws on what JSON cannot carry (NaN, infinity, a BigInt).
 */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no JSON form');
  return text;
}

/** Where a value breaks the storage rules, or null: NUL, lone surrogates and integers beyond 2^53−1 are refused. */
export function findUnstorable(
  value: Json,
  path: readonly string[] = [],
): { path: readonly string[]; reason: string } | null {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) return { path, reason: 'must not contain the NUL character' };
    if (!value.isWellFormed()) return { path, reason: 'must be well-formed Unicode' };
    return null;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { path, reason: 'must be a finite number' };
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      return { path, reason: 'must lie between −(2^53−1) and 2^53−1' };
    return null;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const found = findUnstorable(item, [...path, String(index)]);
      if (found) return found;
    }
    return null;
  }
  if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      const found = findUnstorable(key, [...path, key]) ?? findUnstorable(item, [...path, key]);
      if (found) return found;
    }
  }
  return null;
}
