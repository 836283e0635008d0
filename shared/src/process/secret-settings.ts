import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { NamedKey, NamedSecret } from '../kernel/named-key.ts';
import { setting, type ParsedSetting, type Setting } from './config.ts';

/** The first is current, the others are still accepted. */
export type NonEmptyList<T> = readonly [T, ...T[]];

const LEAST_SECRET_BYTES = 32;

const decodeBase64 = (text: string): Buffer | null =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : null;

const decodeSecret = (text: string): ParsedSetting<Buffer> => {
  const value = decodeBase64(text);
  if (!value) return { problem: 'it is not base64' };
  return value.length >= LEAST_SECRET_BYTES ? { value } : { problem: `it has only ${value.length} bytes` };
};

/** Reads `id:text,…`; problems name the entry by its number, because even an id may be a secret in the wrong place. */
function namedList<T>(
  text: string,
  parse: (text: string) => ParsedSetting<T>,
): ParsedSetting<NonEmptyList<[string, T]>> {
  const found = new Map<string, T>();
  for (const [index, entry] of text.split(',').entries()) {
    const parts = /^\s*([A-Za-z0-9_-]{1,32}):(\S*)\s*$/.exec(entry);
    if (!parts) return { problem: `entry ${index + 1} is not id:base64` };
    const [, id = '', encoded = ''] = parts;
    if (found.has(id)) return { problem: `entry ${index + 1} repeats an id` };
    const parsed = parse(encoded);
    if ('problem' in parsed) return { problem: `in entry ${index + 1}, ${parsed.problem}` };
    found.set(id, parsed.value);
  }
  const [first, ...others] = found;
  return first ? { value: [first, ...others] } : { problem: 'it is empty' };
}

/** `MASTER_KEY`, `PASSWORD_PEPPER`, `LINK_KEYS`. */
export const secretList = (): Setting<NonEmptyList<NamedSecret>> =>
  setting(`a list id:base64,… of secrets of at least ${LEAST_SECRET_BYTES} bytes each`, (text) => {
    const parsed = namedList(text, decodeSecret);
    if ('problem' in parsed) return parsed;
    const [first, ...others] = parsed.value;
    const named = ([id, secret]: [string, Buffer]): NamedSecret => ({ id, secret });
    return { value: [named(first), ...others.map(named)] };
  });

/** `DIGEST_KEY`. */
export const secret = (): Setting<Buffer> =>
  setting(`base64 of at least ${LEAST_SECRET_BYTES} bytes`, (text) => decodeSecret(text.trim()));

/** RSA of at least 2048 bits (RS256), or Ed25519. */
export type KeyKind = 'rsa' | 'ed25519';

const readKey = (half: 'private' | 'public', kind: KeyKind, text: string): ParsedSetting<KeyObject> => {
  const der = decodeBase64(text);
  if (!der || der.length === 0) return { problem: 'the key is not base64' };
  try {
    const value =
      half === 'private'
        ? createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
        : createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (value.asymmetricKeyType !== kind) return { problem: `the key is not of the kind ${kind}` };
    if (kind === 'rsa' && (value.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
      return { problem: 'the key has less than 2048 bits' };
    return { value };
  } catch {
    return { problem: `the key is not ${half === 'private' ? 'PKCS8' : 'SPKI'} DER` };
  }
};

const keyList = (half: 'private' | 'public', kind: KeyKind): Setting<NonEmptyList<NamedKey>> =>
  setting(`a list id:base64,… of ${kind} keys in ${half === 'private' ? 'PKCS8' : 'SPKI'} DER`, (text) => {
    const parsed = namedList(text, (encoded) => readKey(half, kind, encoded));
    if ('problem' in parsed) return parsed;
    const [first, ...others] = parsed.value;
    const named = ([id, key]: [string, KeyObject]): NamedKey => ({ id, key });
    return { value: [named(first), ...others.map(named)] };
  });

/** `TOKEN_PRIVATE_KEYS` (rsa), `NOTARY_PRIVATE_KEYS`, `RECEIPT_PRIVATE_KEYS` (ed25519). */
export const privateKeyList = (kind: KeyKind): Setting<NonEmptyList<NamedKey>> => keyList('private', kind);

/** `TOKEN_PUBLIC_KEYS` (rsa), `NOTARY_PUBLIC_KEYS`, `RECEIPT_PUBLIC_KEYS` (ed25519). */
export const publicKeyList = (kind: KeyKind): Setting<NonEmptyList<NamedKey>> => keyList('public', kind);
