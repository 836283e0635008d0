import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { selectUsers, type Extent, type FoundUsers } from '../../../query-api/src/list-users/select-users.ts';
import { ReadModel } from '../../../query-api/src/read-model/read-model.ts';
import { ORDERS, SORT_KEYS } from '../../../query-api/src/list-users/sort-keys.ts';
import type { ListRequest } from '../../../query-api/src/list-users/list-parameters.ts';
import { statementOf } from '../../load/lists/at-database.ts';
import { codeOf, detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

interface Page {
  readonly data: readonly { readonly username: string }[];
  readonly pagination: {
    readonly total_items: number;
    readonly total_pages: number;
    readonly total_is_estimate: boolean;
    readonly has_next: boolean;
    readonly next_cursor: string;
  };
}

const PEOPLE = 20_000;

let api: QueryApi;
let admin: SignedIn;
const list = (search = ''): Promise<Seen> => probe(api.url, { path: `/v1/users${search}`, headers: admin.headers });
const pageOf = async (search: string): Promise<Page> => {
  const seen = await list(search);
  if (seen.status !== 200) throw new Error(`${search} gave ${seen.text}`);
  return seen.json as Page;
};

beforeAll(async () => {
  api = await startQueryApi();
  admin = await signIn(api.log, 'admin');
  // One in 100 is a moderator, one in 20 pending; each an hour after the one before.
  for (let first = 1; first < PEOPLE; first += 500)
    await api.pool.query(
      `insert into read_model.user_directory (id, username, email, email_canonical, name, search, search_starts, email_verified, role,
       status, created_at, updated_at, last_login, revision, sign_ins)
     select gen_random_uuid(), 'u' || n, n || '@example.com', n || '@example.com', 'N ' || md5(n::text),
       E'\\nu' || n || E'\\nn ' || md5(n::text) || E'\\n' || n || '@example.com', array['u', 'n'], true,
       case when n % 100 = 0 then 'moderator' else 'user' end, case when n % 20 = 1 then 'pending' else 'active' end,
       timestamptz '2000-01-01Z' + n * interval '1 hour', timestamptz '2001-01-01Z' + n * interval '1 hour',
       case when n % 3 = 0 then null else timestamptz '2002-01-01Z' + n * interval '1 hour' end, 0, 0
     from generate_series($1, $1 + 499) n`,
      [first],
    );
  await api.pool.query(
    `insert into read_model.user_counts select role, status, count(*) from read_model.user_directory group by 1, 2`,
  );
  await api.pool.query('analyze read_model.user_directory');
}, 120_000);
afterAll(() => api.close());

describe('The total of a long list', () => {
  test.each([
    ['', PEOPLE],
    ['?role=user', 19_800],
    ['?is_active=true', 19_000],
    ['?status=pending&role=user', 1_000],
    ['?q=@example.com&role=moderator', 200],
    ['?created_before=2000-01-02T00:00:00Z', 23],
    // Everybody matches: as many as there are.
    ['?status=active&role=moderator&q=u', 200],
  ])('is exact where it can be known: %s', async (search, total) => {
    const { pagination } = await pageOf(search);
    expect([pagination.total_items, pagination.total_is_estimate]).toEqual([total, false]);
  });

  test('beyond 10,000 matches of anything else is an estimate that says so', async () => {
    for (const search of ['?q=@example.com&is_active=true', '?created_after=2000-06-01T00:00:00Z']) {
      const { pagination } = await pageOf(search);
      expect(pagination.total_is_estimate).toBe(true);
      expect(pagination.total_items).toBeGreaterThan(10_000);
      expect(pagination.total_items).toBeLessThanOrEqual(PEOPLE);
      expect(pagination.total_pages).toBe(Math.ceil(pagination.total_items / 20));
      expect(pagination.has_next).toBe(true);
    }
  });

  test('is walked through to its last row where a word is in all of them', async () => {
    let page = await pageOf('?q=example&sort_by=username&order=asc&page_size=100');
    const seen = page.data.map(({ username }) => username);
    while (page.pagination.has_next) {
      page = await pageOf(`?cursor=${page.pagination.next_cursor}`);
      seen.push(...page.data.map(({ username }) => username));
    }
    expect(seen).toEqual(Array.from({ length: PEOPLE }, (_none, n) => `u${String(n + 1)}`).sort());
  }, 120_000);

  test('does not decide whether there is a next page', async () => {
    let page = await pageOf('?created_after=2000-06-01T00:00:00Z&order=asc&page=100&page_size=100');
    let pages = 100;
    for (; page.pagination.has_next; pages += 1) page = await pageOf(`?cursor=${page.pagination.next_cursor}`);
    expect(page.data.at(-1)).toMatchObject({ username: `u${String(PEOPLE)}` });
    // The first of June begins 152 days after the start: 3,648 hours.
    expect(pages).toBe(Math.ceil((PEOPLE - 3_648) / 100));
  });
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}
const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const planOf = async (request: ListRequest): Promise<readonly Plan[]> => {
  const { text, values } = selectUsers(request);
  const { rows } = await api.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (format json) ${text}`, [
    ...values,
  ]);
  return nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
};
const indexesOf = (plan: readonly Plan[]): readonly string[] => plan.flatMap((node) => node['Index Name'] ?? []);
const readsAll = (plan: readonly Plan[]): boolean =>
  plan.some((node) => node['Node Type'].includes('Seq Scan') && node['Relation Name'] === 'user_directory');

describe('The plan of a page', () => {
  const sorts = SORT_KEYS.flatMap((key) => ORDERS.map((order) => ({ key, order })));
  const indexOf = ({ key, order }: ListRequest['sort']): string =>
    `user_directory_${key}${key === 'last_login' && order === 'desc' ? '_newest' : ''}`;
  const id = '80000000-0000-4000-8000-000000000000';
  const MIDDLE: Readonly<Record<string, string>> = { username: 'u5', email: '5', name: 'N 8' };
  const valueOf = (key: string): string => MIDDLE[key] ?? '2001-06-01T00:00:00.000Z';

  test.each(sorts)('reads the index of its order, either way from a cursor: by $key $order', async (sort) => {
    const base = { filters: {}, sort, pageSize: 20 } as const;
    const plans = [await planOf({ ...base, place: { page: 1 } })];
    for (const toward of ['next', 'previous'] as const) {
      const point = { toward, inclusive: false, value: valueOf(sort.key), id };
      plans.push(await planOf({ ...base, place: { point } }));
    }
    for (const plan of plans) {
      expect(indexesOf(plan)).toContain(indexOf(sort));
      expect([readsAll(plan), plan.some((node) => node['Node Type'].includes('Sort'))]).toEqual([false, false]);
    }
  });

  test.each(sorts)('never reads everybody for one role or state: by $key $order', async (sort) => {
    for (const filters of [
      { role: 'user' },
      { role: 'moderator' },
      { status: 'pending' },
      { is_active: true },
    ] as const)
      expect([filters, readsAll(await planOf({ filters, sort, pageSize: 20, place: { page: 1 } }))]).toEqual([
        filters,
        false,
      ]);
  });

  test.each(sorts)(
    'never reads everybody for a time, whether it leaves few or nearly all: by $key $order',
    async (sort) => {
      const [early, late] = ['2000-01-02T00:00:00Z', '2002-04-12T00:00:00Z'];
      for (const filters of [
        { created_after: early },
        { created_after: late },
        { created_before: early },
        { created_before: late },
        { created_after: early, role: 'user' },
      ] as const) {
        const plan = await planOf({ filters, sort, pageSize: 20, place: { page: 1 } });
        const isByIndex = indexesOf(plan).some((name) => ['user_directory_created_at', indexOf(sort)].includes(name));
        expect([filters, readsAll(plan), isByIndex]).toEqual([filters, false, true]);
      }
    },
  );

  test.each(sorts)('finds letters that trigrams do not know among their bytes: by $key $order', async (sort) => {
    const plan = await planOf({ filters: { q: '王小明' }, sort, pageSize: 20, place: { page: 1 } });
    expect(indexesOf(plan)).toContain('user_directory_search_bytes');
    expect(readsAll(plan)).toBe(false);
  });

  test.each(sorts)('finds few by what was searched for: by $key $order', async (sort) => {
    const place = { page: 1 } as const;
    const plan = (filters: ListRequest['filters']) => planOf({ filters, sort, pageSize: 20, place });
    expect(indexesOf(await plan({ q: 'c4ca4238a0b9' }))).toContain('user_directory_search');
    expect(indexesOf(await plan({ email: '1@example.com' }))).toContain('user_directory_email_canonical');
    expect(indexesOf(await plan({ username: 'u1' }))).toContain('user_directory_username');
  });
});

describe('A word of which far more than 10,000 are expected', () => {
  // A table of so many pages is taken for one of ten times as many people.
  beforeAll(async () => {
    await api.pool.query(`alter table read_model.user_directory set (autovacuum_enabled = false)`);
    await api.pool.query(
      `update pg_class set reltuples = ${String(10 * PEOPLE)} where oid = 'read_model.user_directory'::regclass`,
    );
  });
  afterAll(() => api.pool.query('analyze read_model.user_directory'));

  test.each(SORT_KEYS)('is walked without counting or reading everybody: by %s', async (key) => {
    for (const order of ORDERS) {
      const readModel = new ReadModel({
        name: 'user_directory',
        pool: api.pool,
        clock: systemClock,
        tokens: new ConsistencyTokens([]),
      });
      const request = { filters: { q: 'example' }, sort: { key, order }, pageSize: 20, place: { page: 1 } } as const;
      const { text, values } = await statementOf(readModel, request);
      const { rows } = await api.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (format json) ${text}`, [
        ...values,
      ]);
      const plan = nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
      expect([text.includes('counted'), readsAll(plan)]).toEqual([false, false]);
    }
  });

  test('has a total that says that it is an estimate, and an exact has_next', async () => {
    const { pagination } = await pageOf('?q=@example.com&is_active=true&page=500&order=asc');
    expect([pagination.total_is_estimate, pagination.has_next]).toEqual([true, true]);
    expect(pagination.total_items).toBeGreaterThan(10_000);
    expect(pagination.total_items).toBeLessThanOrEqual(19_000);
  });

  test('shows each of them once', async () => {
    let page = await pageOf('?q=example&sort_by=username&order=desc&page_size=100');
    const seen = page.data.map(({ username }) => username);
    while (page.pagination.has_next) {
      page = await pageOf(`?cursor=${page.pagination.next_cursor}`);
      seen.push(...page.data.map(({ username }) => username));
    }
    expect(seen).toEqual(
      Array.from({ length: PEOPLE }, (_none, n) => `u${String(n + 1)}`)
        .sort()
        .reverse(),
    );
  }, 120_000);

  test('is counted after all where few are found', async () => {
    // c4ca4238 is how the name of the first one begins.
    const found = async (q: string, extent: Extent) => {
      const request = { filters: { q }, sort: { key: 'created_at', order: 'desc' }, pageSize: 20, place: { page: 1 } };
      const { text, values } = selectUsers(request as ListRequest, extent);
      const { rows } = await api.pool.query<{ found: FoundUsers }>(`select (${text}) as found`, [...values]);
      return rows[0]!.found;
    };
    for (const q of ['c4ca4238', 'nobody']) {
      const [counted, walked] = [await found(q, 'unknown'), await found(q, 'many')];
      expect(walked).toEqual(counted);
    }
  });
});

describe('A list that takes too long', () => {
  beforeAll(async () => {
    await api.pool.query('alter table read_model.user_directory rename to people_behind');
    await api.pool.query(
      `create view read_model.user_directory as
       select p.* from read_model.people_behind p cross join lateral (select pg_sleep(0.2) where p.id is not null) slow`,
    );
  });

  test('is 400 and names what to narrow', async () => {
    const seen = await list('?q=example&role=user');
    expect([seen.status, [...detailsOf(seen)].sort()]).toEqual([400, ['q: too_broad', 'role: too_broad']]);
  });

  test('is our own fault where nothing was asked for', async () => {
    const seen = await list();
    expect([seen.status, codeOf(seen)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});
