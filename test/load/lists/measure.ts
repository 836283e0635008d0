import { performance } from 'node:perf_hooks';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../../../query-api/src/read-model/read-model.ts';
import { percentilesOf } from '../percentiles.ts';
import { askForPage, statementOf } from './at-database.ts';
import type { ListCase } from './cases.ts';
import { indexesOf, planOf, readsAll } from './plan.ts';

export interface Ways {
  readonly readModel: ReadModel;
  readonly pool: Pool;
  readonly atDatabase: boolean;
  /** Gives the status; null: not over HTTP. */
  readonly http: ((listCase: ListCase) => Promise<number>) | null;
}

interface Times {
  readonly p50: number;
  readonly p95: number;
}

export interface Measured {
  readonly filter: string;
  readonly sort: string;
  readonly page: ListCase['page'];
  /** ms; `limit`: the statement was ended by its time limit; null: not asked. */
  readonly database: Times | 'limit' | null;
  /** ms; null: not asked. */
  readonly http: Times | null;
  readonly status: number | null;
  readonly indexes: readonly string[];
  /** The plan reads the whole table, or no index at all. */
  readonly badPlan: boolean;
}

/** One run that warms, then `runs`; after a quarter of a second five are enough. */
const timed = async (runs: number, work: () => Promise<unknown>): Promise<Times> => {
  await work();
  const times: number[] = [];
  for (let spent = 0; times.length < runs && (spent < 250 || times.length < 5);) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
    spent += times.at(-1) ?? 0;
  }
  const { p50, p95 } = percentilesOf(times);
  return { p50, p95 };
};

export const measure = async (
  listCase: ListCase,
  { readModel, pool, atDatabase, http }: Ways,
  runs: number,
): Promise<Measured> => {
  const { filter, sort, page, request } = listCase;
  const plan = atDatabase
    ? await statementOf(readModel, request).then(
        (query) => planOf(pool, query),
        () => [],
      )
    : null;
  const indexes = plan ? indexesOf(plan) : [];
  const database = atDatabase
    ? await timed(runs, () => askForPage(readModel, request)).catch(() => 'limit' as const)
    : null;
  let status: number | null = null;
  const overHttp =
    http &&
    (await timed(runs, async () => {
      status = await http(listCase);
    }));
  const badPlan = plan !== null && (indexes.length === 0 || readsAll(plan));
  return { filter, sort: `${sort.key} ${sort.order}`, page, database, http: overHttp, status, indexes, badPlan };
};
