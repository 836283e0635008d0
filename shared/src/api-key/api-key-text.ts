import { crc32 } from 'node:zlib';
import { sha256 } from '../kernel/digest.ts';

/** Bytes of a key's secret: nobody guesses them, so a fast hash is enough to keep it by. */
export const API_KEY_SECRET_BYTES = 32;

// rbk_<id>_<secret><CRC-32>, all in hex: one word to select, and a form that scanners of leaked secrets can look for.
const FORM = /^(rbk_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[0-9a-f]{64})([0-9a-f]{8})$/;

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** A key as it is shown once. The id stands in it, so that it is found without a search by its digest. */
export const writeApiKey = (id: string, secret: Buffer): string => {
  const text = `rbk_${id.replaceAll('-', '')}_${secret.toString('hex')}`;
  return text + checksum(text);
};

/** Whether a bearer token is meant as an API key. No access token begins like this. */
export const meansApiKey = (bearer: string): boolean => bearer.startsWith('rbk_');

/** SHA-256 of the whole text. Needs no secret of ours, so either API can check a key. */
export const apiKeyDigest = (text: string): Buffer => sha256(text);

/** The id of a key, or null for what is none: a typo is found by the checksum, before anything is looked up. */
export const apiKeyIdIn = (text: string): string | null => {
  const match = FORM.exec(text);
  const [, body = '', a = '', b = '', c = '', d = '', e = '', sum] = match ?? [];
  return match !== null && checksum(body) === sum ? [a, b, c, d, e].join('-') : null;
};
