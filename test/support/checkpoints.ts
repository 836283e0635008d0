import { openCheckpoint, originOf, type OpenedCheckpoint } from '@rollbook/shared/audit/checkpoint';
import type { CheckpointEvent } from '@rollbook/shared/audit/last-checkpoint';
import { GrowingTree, type Hash } from '@rollbook/shared/audit/merkle-tree';
import { verifierKey } from '@rollbook/shared/audit/signed-note';
import { NOTARY } from '@rollbook/shared/contracts/streams';
import { privateKeyList } from '@rollbook/shared/process/secret-settings';
import type { Journal } from './people.ts';

/** Every checkpoint of the log, as its events have them. */
export const checkpointsIn = async ({ log }: Pick<Journal, 'log'>): Promise<readonly CheckpointEvent[]> =>
  (await log.read(NOTARY)).events.filter((event) => event.type === 'CheckpointSigned');

/** The hashes of the log's events, in its order, computed by nobody but the store. */
export const leavesOf = async ({ store }: Pick<Journal, 'store'>): Promise<readonly Hash[]> => {
  const leaves: Hash[] = [];
  for (let after = null as Awaited<ReturnType<typeof store.readAll>>['position']; ;) {
    const page = await store.readAll({ after });
    leaves.push(...page.events.map(({ metadata }) => Buffer.from(metadata.hash, 'hex')));
    after = page.position;
    if (page.atEnd) return leaves;
  }
};

/** The root over some leaves. */
export const rootOver = (leaves: readonly Hash[]): Hash => {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
};

/** Opens a note by the private keys of a setting; throws where none of them signed it. */
export const openedBy = async (
  journal: Pick<Journal, 'store'>,
  note: string,
  privateKeys: string,
): Promise<OpenedCheckpoint> => {
  const origin = originOf(await journal.store.logId());
  const keys = privateKeyList('ed25519').parse(privateKeys);
  const opened = openCheckpoint(
    note,
    keys.map(({ key }) => verifierKey(origin, key)),
  );
  if (!opened) throw new Error('Nobody known signed it');
  return opened;
};
