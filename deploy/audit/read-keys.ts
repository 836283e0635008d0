import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseVerifierKey, verifierKey, type VerifierKey } from '@rollbook/shared/audit/signed-note';
import { UsageError } from './subcommand.ts';

/** A key that was given, under the name that it signs with; a bare key signs for whatever log is checked. */
export type KeyForOrigin = (origin: string) => VerifierKey;

const VKEY = /[^\s"'+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*/g;

const bare =
  (key: KeyObject): KeyForOrigin =>
  (origin) =>
    verifierKey(origin, key);

const readJwk = (jwk: unknown): KeyForOrigin | null => {
  try {
    const key = createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
    return key.asymmetricKeyType === 'ed25519' ? bare(key) : null;
  } catch {
    return null;
  }
};

const readJson = (text: string): readonly KeyForOrigin[] => {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys.map(readJwk).filter((key) => key !== null) : [];
  } catch {
    return [];
  }
};

const readPem = (text: string): readonly KeyForOrigin[] => {
  try {
    return text.includes('BEGIN PUBLIC KEY') ? [bare(createPublicKey(text))] : [];
  } catch {
    return [];
  }
};

/**
 * The notary's public keys in a file: as signed notes name them (`name+id+base64`), as `/.well-known/audit-keys.json`
 * answers, or as PEM. Throws UsageError where there is none.
 */
export const readKeys = async (file: string): Promise<readonly KeyForOrigin[]> => {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`The key file ${file} cannot be read.`);
  });
  const named = [...text.matchAll(VKEY)].map(([vkey]) => parseVerifierKey(vkey)).filter((key) => key !== null);
  const keys =
    named.length > 0
      ? named.map(
          (key): KeyForOrigin =>
            () =>
              key,
        )
      : [...readJson(text), ...readPem(text)];
  if (keys.length === 0) throw new UsageError(`There is no public key of a notary (Ed25519) in ${file}.`);
  return keys;
};
