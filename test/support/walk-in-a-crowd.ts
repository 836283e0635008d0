import { SORT_KEYS, type Sort } from '../../query-api/src/list-users/sort-keys.ts';
import { probe } from './http-probe.ts';
import { MovingCrowd } from './moving-crowd.ts';
import type { QueryApi } from './query-api.ts';
import { signIn } from './signed-in.ts';

/** Every way to sort the list. */
const SORTS: readonly Sort[] = SORT_KEYS.flatMap((key) => [
  { key, order: 'asc' } as const,
  { key, order: 'desc' } as const,
]);

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly pagination: { readonly next_cursor: string | null };
}

/** One way through the whole list, and whom it met, as often as it met them. */
export interface Walk {
  readonly sort: Sort;
  readonly met: readonly string[];
  /** Steps that the writer took meanwhile. */
  readonly steps: number;
}

export interface CrowdOptions {
  /** How many come, and how many go, while others walk. */
  readonly comeAndGo: number;
  /** Of them in one step. */
  readonly atATime: number;
  /** How many are there all the time and stand still, and how many are there all the time and move about. */
  readonly stay: number;
  readonly move: number;
  readonly pageSize: number;
  readonly draw: () => number;
}

export interface CrowdSeen {
  readonly walks: readonly Walk[];
  readonly staying: readonly string[];
  readonly moving: readonly string[];
  /** Of `moving`, those who had signed in before anybody walked. */
  readonly movingSignedIn: readonly string[];
  readonly came: number;
  readonly went: number;
}

/**
 * Walks through the list by cursor, over HTTP, in every order at once and over and over, while as many people come and
 * go. The writer takes a step for every page that somebody reads, so that it is not done
 * before anybody has got far.
 */
export const walkInACrowd = async (api: QueryApi, options: CrowdOptions): Promise<CrowdSeen> => {
  const { comeAndGo, atATime, stay, move, pageSize, draw } = options;
  const { headers } = await signIn(api.log, 'admin');
  const crowd = new MovingCrowd(api.pool, draw);
  const leaving: string[] = [];
  const staying: string[] = [];
  const moving: string[] = [];
  const movingSignedIn: string[] = [];
  // In turns, so that they stand among each other by the time when they came.
  for (let n = 0; n < 10; n += 1) {
    staying.push(...(await crowd.come(stay / 10)));
    leaving.push(...(await crowd.come(stay / 20)));
    movingSignedIn.push(...(await crowd.come(move / 20, 1)));
    moving.push(...(await crowd.come(move / 20, 0)));
  }
  moving.push(...movingSignedIn);

  let [came, went, pages, steps] = [0, 0, 0, 0];
  const isThrough = (): boolean => came >= comeAndGo && went >= comeAndGo;
  const walks: Walk[] = [];
  const pageOf = async (search: string): Promise<Page> => {
    const seen = await probe(api.url, { path: `/v1/users?${search}`, headers });
    if (seen.status !== 200) throw new Error(`${search} gave ${seen.text}`);
    pages += 1;
    return seen.json as Page;
  };
  const walk = async (sort: Sort): Promise<void> => {
    do {
      const met: string[] = [];
      const before = steps;
      let search = `sort_by=${sort.key}&order=${sort.order}&page_size=${String(pageSize)}`;
      for (;;) {
        const { data, pagination } = await pageOf(search);
        met.push(...data.map(({ id }) => id));
        if (pagination.next_cursor === null) break;
        search = `cursor=${pagination.next_cursor}`;
      }
      walks.push({ sort, met, steps: steps - before });
    } while (!isThrough());
  };
  const write = async (): Promise<void> => {
    while (!isThrough()) {
      const news = await crowd.come(Math.min(atATime, comeAndGo - came));
      came += news.length;
      const gone = Array.from({ length: Math.min(atATime, comeAndGo - went, leaving.length) }, () => {
        return leaving.splice(Math.floor(draw() * leaving.length), 1)[0] ?? '';
      });
      await crowd.go(gone);
      went += gone.length;
      leaving.push(...news);
      if (moving.length > 0)
        await crowd.move([...new Set([1, 2, 3].map(() => moving[Math.floor(draw() * moving.length)] ?? ''))]);
      steps += 1;
      while (pages < steps) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await Promise.all([write(), ...SORTS.map(walk)]);
  return { walks, staying, moving, movingSignedIn, came, went };
};
