import { createPool } from '@rollbook/shared/sql/pool';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import type { Comparison } from '../../projector/src/rebuild/compare.ts';
import type { RebuildReport } from '../../projector/src/rebuild/rebuild.ts';
import { abandon, rebuild, type RebuildOptions } from '../../projector/src/rebuild/rebuild.ts';
import type { ReadModel } from '../../projector/src/project-in-order/read-model.ts';
import type { ProjectorRig } from './projector-rig.ts';

export interface RebuildResult {
  readonly how: 'switched' | 'different';
  readonly comparison: Comparison;
  /** Where it began; null: at the log's beginning. */
  readonly begunAt: string | null;
  readonly resumed: boolean;
}

/** Rebuilds on a rig's database, in this process. */
export const rebuildOn = (rig: ProjectorRig, url = rig.database.url) => {
  const run = async (
    readModel: ReadModel,
    how: Partial<RebuildOptions> & { readonly onReport?: Partial<RebuildReport> } = {},
  ): Promise<RebuildResult> => {
    const pool = createPool({ url, applicationName: 'test rebuild', max: 4, statementTimeout: 60_000 });
    let comparison: Comparison | undefined;
    let begun = { resumed: false, position: null as string | null };
    const report: RebuildReport = {
      passed: () => undefined,
      caughtUp: () => undefined,
      step: () => undefined,
      ...how.onReport,
      begun: (which) => {
        begun = which;
        how.onReport?.begun?.(which);
      },
      compared: (found) => {
        comparison = found;
      },
    };
    try {
      const done = await rebuild(readModel, {
        databaseUrl: url,
        pool,
        store: rig.store,
        keys: rig.keys,
        clock: systemClock,
        signal: new AbortController().signal,
        onFault: () => undefined,
        onParked: () => undefined,
        accept: false,
        ...how,
        report,
      });
      return { how: done, comparison: comparison!, begunAt: begun.position, resumed: begun.resumed };
    } finally {
      await pool.end();
    }
  };
  const giveUp = async (readModel: ReadModel): Promise<boolean> => {
    const pool = createPool({ url, applicationName: 'test rebuild', max: 2, statementTimeout: 60_000 });
    try {
      return await abandon(readModel, { databaseUrl: url, pool, signal: new AbortController().signal });
    } finally {
      await pool.end();
    }
  };
  return { run, giveUp };
};
