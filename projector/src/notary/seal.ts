import { formatCheckpoint, originOf } from '@rollbook/shared/audit/checkpoint';
import { claimsLine } from '@rollbook/shared/audit/claims';
import { proveConsistency, readRoot } from '@rollbook/shared/audit/merkle-proof';
import { signNote } from '@rollbook/shared/audit/signed-note';
import { storedNodes } from '@rollbook/shared/audit/stored-tree';
import { verifyConsistency } from '@rollbook/shared/audit/verify-proof';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { Beginning } from './begin.ts';
import { NotaryRefuses } from './notary-refuses.ts';
import { readClaims } from './read-claims.ts';

type NewCheckpoint = Extract<AnyNewEvent, { type: 'CheckpointSigned' }>;

/**
 * Who signs: the current key; at a change of the key the former one too, as long as it is there, so that whoever knows
 * only that one can believe the new one.
 */
export const signersOf = (keys: readonly NamedKey[], last: Beginning['last']): readonly NamedKey[] => {
  const [current, ...others] = keys;
  const former = others.find(({ id }) => id === last?.data.keys[0]);
  if (!current) return [];
  return former && last?.data.keys[0] !== current.id ? [current, former] : [current];
};

/**
 * The checkpoint over the first `size` leaves, once it is proved that everything signed before is a beginning of them.
 * Throws NotaryRefuses where it is not.
 */
export const seal = async (
  pool: Pool,
  { logId, last, before }: Beginning,
  size: number,
  keys: readonly NamedKey[],
): Promise<NewCheckpoint> => {
  const read = storedNodes(pool);
  const root = await readRoot(size, read);
  for (const { size: from, root: fromRoot, revision } of before) {
    const path = from <= size ? await proveConsistency(from, size, read) : [];
    if (!verifyConsistency({ from, fromRoot, to: size, toRoot: root, path }))
      throw new NotaryRefuses(
        `The log of ${String(size)} events does not go on from the checkpoint of ${String(from)} events that was signed as revision ${String(revision)}`,
      );
  }
  const origin = originOf(logId);
  const signers = signersOf(keys, last);
  const claims = await readClaims(pool, last, size);
  const text = formatCheckpoint({ origin, size, root, extensions: [claimsLine(claims)] });
  const note = signNote(
    text,
    signers.map(({ key }) => ({ name: origin, privateKey: key })),
  );
  const data = { size, root: root.toString('base64'), keys: signers.map(({ id }) => id), note };
  return { type: 'CheckpointSigned', data, personal: null };
};
