import { createLogger } from '@rollbook/shared/process/logger';
import { checkpointsIn } from './checkpoints.ts';
import { projectorRig } from './projector-rig.ts';

export const AT_ONCE = { every: 0, most: 1_000 };
export const NEVER = { every: 1e9, most: 1e9 };

export const isReady = async (projector: { readonly addresses: Record<string, string> }): Promise<boolean> =>
  (await fetch(`${projector.addresses['http']!}/health/ready`)).status === 200;

/** A rig of projectors whose notary is watched. */
export const notaryRig = async () => {
  const rig = await projectorRig();
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const times = (words: string): number => lines.filter((line) => line.includes(words)).length;
  return {
    ...rig,
    logger: createLogger({ service: 'projector', level: 'error' }, { write }),
    /** How often it said so. */
    times,
    says: (words: string): boolean => times(words) > 0,
    /** How many leaves each checkpoint covers. */
    signed: async (): Promise<readonly number[]> => (await checkpointsIn(rig)).map(({ data }) => data.size),
    /** As if the last event of the log were an export's; the type alone decides. */
    async anExport(): Promise<void> {
      await rig.pool.query(
        "update read_model.audit_index set type = 'AuditExported' where leaf = (select max(leaf) from read_model.audit_index)",
      );
    },
  };
};

export type NotaryRig = Awaited<ReturnType<typeof notaryRig>>;
