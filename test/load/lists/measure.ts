import { performance } from 'node:perf_hooks';
import type { Pool } from '@rollbook/shared/sql/pool';
import { selectUsers } from '../../../query-api/src/list-users/select-users.ts';
import type { ReadModel } from '../../../query-api/src/read-model/read-model.ts';
import { percentilesOf } from '../percentiles.ts';
import { askForPage } from './at-database.ts';
import type { ListCase } from './cases.ts';
import { indexesOf, planOf, readsAll } from './plan.ts';

export interface Ways {
  readonly readModel: ReadModel;
  readonly pool: Pool;
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
  /** ms; null: the statement was ended by its time limit. */
  readonly database: Times | null;
  /** ms; null: not asked. */
  readonly http: Times | null;
  readonly status: number | null;
  readonly indexes: readonly string[];
  /** The plan reads the whole table, or no index at all. */
  readonly badPlan: boolean;
}

/** One run that warms, then `runs`; a slow page is not asked for more than two seconds. */
const timed = async (runs: number, work: () => Promise<unknown>): Promise<Times> => {
  await work();
  const times: number[] = [];
  for (let spent = 0; times.length < runs && (spent < 2_000 || times.length < 3);) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
    spent += times.at(-1) ?? 0;
  }
  const { p50, p95 } = percentilesOf(times);
  return { p50, p95 };
};

export const measure = async (listCase: ListCase, { readModel, pool, http }: Ways, runs: number): Promise<Measured> => {
  const { filter, sort, page, request } = listCase;
  const plan = await planOf(pool, selectUsers(request));
  const indexes = indexesOf(plan);
  const database = await timed(runs, () => askForPage(readModel, request)).catch(() => null);
  let status: number | null = null;
  const overHttp =
    http &&
    (await timed(runs, async () => {
      status = await http(listCase);
    }));
  const badPlan = indexes.length === 0 || readsAll(plan);
  return { filter, sort: `${sort.key} ${sort.order}`, page, database, http: overHttp, status, indexes, badPlan };
};
