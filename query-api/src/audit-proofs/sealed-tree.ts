import { readLastCheckpoint, type CheckpointEvent } from '@rollbook/shared/audit/last-checkpoint';
import type { Hash } from '@rollbook/shared/audit/merkle-tree';
import { storedNodes } from '@rollbook/shared/audit/stored-tree';
import type { ReadNodes } from '@rollbook/shared/audit/merkle-proof';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Pool } from '@rollbook/shared/sql/pool';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { rethrow } from '../read-model/database-faults.ts';
import { projectionHeaders } from '../read-model/read-model.ts';

/** What proofs are made of; `readModel` is the audit index. */
export interface ProofParts extends QueryParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly pool: Pool;
}

/** The newest checkpoint, or null before the first, and the tree that it is made of. */
export interface Sealed {
  readonly checkpoint: CheckpointEvent | null;
  readonly read: ReadNodes;
}

/** How proofs write hashes: as events do. */
export const inHex = (hashes: readonly Hash[]): string[] => hashes.map((hash) => hash.toString('hex'));

/** Answers out of the tree under the newest checkpoint. */
export const askSealed = (
  parts: ProofParts,
  context: RequestContext,
  answer: (sealed: Sealed) => Promise<Answer | Refusal>,
): ReturnType<typeof askAlsoByKey> =>
  askAlsoByKey(
    parts,
    context,
    async () => {
      const [{ checkpoint }, snapshot] = await Promise.all([
        readLastCheckpoint(parts.log),
        parts.readModel.read<null>({ text: 'select null', values: [] }),
      ]);
      const headers = projectionHeaders(snapshot);
      const read: ReadNodes = (nodes) => storedNodes(parts.pool)(nodes).catch(rethrow);
      const result = await answer({ checkpoint, read });
      return { ...result, headers: { ...headers, ...result.headers } };
    },
    { needs: 'log' },
  );
