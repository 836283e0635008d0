import { createHash } from 'node:crypto';
import type { Checkpoint } from './checkpoint.ts';
import { HASH_BYTES, type Hash } from './merkle-tree.ts';

/** Claims of names are in no answer: with them a name could be guessed back. They only have a leaf. */
export const CLAIM_TYPES = ['EmailClaimed', 'UsernameClaimed'] as const;

/** Whether an event is a claim: of these an export tells the leaf hash alone. */
export const isClaim = ({ type, stream }: { readonly type: string; readonly stream: string }): boolean =>
  (CLAIM_TYPES as readonly string[]).includes(type) || /^(?:email|username)claim-/.test(stream);

/** Which leaves of a beginning of the log are claims: how many, and a chain over their numbers. */
export interface Claims {
  readonly count: number;
  readonly digest: Hash;
}

export const NO_CLAIMS: Claims = { count: 0, digest: Buffer.alloc(HASH_BYTES) };

/** With one more claim, behind all of them: SHA-256(digest ‖ the leaf's number as 8 bytes, the highest first). */
export const withClaim = ({ count, digest }: Claims, leaf: number): Claims => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(leaf));
  return { count: count + 1, digest: createHash('sha256').update(digest).update(number).digest() };
};

/** The line of a checkpoint that says which of its leaves are claims. */
export const claimsLine = ({ count, digest }: Claims): string => `claims ${String(count)} ${digest.toString('base64')}`;

/** What a checkpoint says of claims; null where it says nothing, as those made by older programs do. */
export const claimsOf = ({ extensions }: Pick<Checkpoint, 'extensions'>): Claims | null => {
  const [line, ...others] = extensions.filter((one) => one.startsWith('claims '));
  const [, count = '', encoded = ''] = line?.split(' ') ?? [];
  const claims = { count: Number(count), digest: Buffer.from(encoded, 'base64') };
  return others.length === 0 && claims.digest.length === HASH_BYTES && line === claimsLine(claims) ? claims : null;
};
