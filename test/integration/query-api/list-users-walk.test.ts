import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi, type Row } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly pagination: {
    readonly current_page: number | null;
    readonly has_next: boolean;
    readonly has_previous: boolean;
    readonly next_cursor: string | null;
    readonly previous_cursor: string | null;
    readonly total_items: number;
  };
}

let api: QueryApi;
let admin: SignedIn;
const list = (search: string): Promise<Seen> => probe(api.url, { path: `/v1/users${search}`, headers: admin.headers });
const pageOf = async (search: string): Promise<Page> => {
  const seen = await list(search);
  if (seen.status !== 200) throw new Error(`${search} gave ${seen.text}`);
  return seen.json as Page;
};
const idsOf = ({ data }: Page): readonly string[] => data.map(({ id }) => id);
const by = (cursor: string | null): string => `?cursor=${cursor ?? ''}`;

beforeAll(async () => {
  api = await startQueryApi();
  admin = await signIn(api.log, 'admin');
});
afterAll(() => api.close());
beforeEach(() => api.pool.query('truncate read_model.user_directory, read_model.user_counts'));

/** All pages from the first on. `between` happens before each further one. */
const walk = async (search: string, between: () => Promise<unknown> = () => Promise.resolve()): Promise<Page[]> => {
  const pages = [await pageOf(search)];
  for (let last = pages[0]!; last.pagination.next_cursor !== null; last = pages.at(-1)!) {
    await between();
    pages.push(await pageOf(by(last.pagination.next_cursor)));
  }
  return pages;
};

const KEYS = ['username', 'email', 'name', 'created_at', 'updated_at', 'last_login'] as const;
type Key = (typeof KEYS)[number];

const day = (n: number): string => `2026-01-0${String(n)}T00:00:00.000Z`;
const aDay = fc.integer({ min: 1, max: 4 }).map(day);
const aWord = fc.constantFrom('a', 'A', 'b', 'ä', 'a b', 'aa', '王', '-');
const aRow = fc.record({
  username: aWord,
  email: aWord,
  name: aWord,
  created_at: aDay,
  updated_at: aDay,
  last_login: fc.option(aDay),
});

type Known = Required<Pick<Row, Key>> & { readonly id: string };

/** As the list promises: by the bytes of UTF-8 or the time, whoever never signed in last, equals by id. */
const sorted = (rows: readonly Known[], key: Key, order: 'asc' | 'desc'): readonly string[] => {
  const sign = order === 'asc' ? 1 : -1;
  const compare = (a: string, b: string): number => sign * Buffer.compare(Buffer.from(a), Buffer.from(b));
  return [...rows]
    .sort((a, b) => {
      const [left, right] = [a[key], b[key]];
      if (left === right) return compare(a.id, b.id);
      if (left === null || right === null) return left === null ? 1 : -1;
      return compare(left, right);
    })
    .map(({ id }) => id);
};

describe('Going through the list by cursor', () => {
  test('gives the sorted list, forwards and backwards, whatever values are equal or missing', async () => {
    const wish = fc.record({
      rows: fc.array(aRow, { maxLength: 14 }),
      key: fc.constantFrom(...KEYS),
      order: fc.constantFrom('asc' as const, 'desc' as const),
      size: fc.integer({ min: 1, max: 6 }),
      filter: fc.constantFrom('', '&created_after=2000-01-01T00:00:00Z', '&is_active=true'),
    });
    await fc.assert(
      fc.asyncProperty(wish, async ({ rows, key, order, size, filter }) => {
        await api.pool.query('truncate read_model.user_directory, read_model.user_counts');
        const known: Known[] = [];
        for (const row of rows) known.push({ ...row, id: await api.add(row) });
        const expected = sorted(known, key, order);
        const pages = await walk(`?sort_by=${key}&order=${order}&page_size=${String(size)}${filter}`);
        expect(pages.flatMap(idsOf)).toEqual(expected);
        expect(pages.map(({ pagination }) => pagination.total_items)).toEqual(pages.map(() => rows.length));
        const back: Page[] = [pages.at(-1)!];
        while (back[0]!.pagination.previous_cursor !== null)
          back.unshift(await pageOf(by(back[0]!.pagination.previous_cursor)));
        expect(back.flatMap(idsOf)).toEqual(expected);
        expect(back.map(({ pagination }) => [pagination.has_previous, pagination.has_next])).toEqual(
          back.map((_page, index) => [index > 0, index < back.length - 1]),
        );
      }),
      { numRuns: 40 },
    );
  });

  test.each(KEYS.flatMap((key) => [[key, 'asc'] as const, [key, 'desc'] as const]))(
    'misses nobody and shows nobody twice while others come and go: by %s %s',
    async (key, order) => {
      const at = (): string => new Date(Date.UTC(2026, 0, 1) + Math.floor(Math.random() * 50) * 1_000).toISOString();
      const anybody = (): Row => ({
        username: `u${String(Math.floor(Math.random() * 50))}`,
        email: `${String(Math.floor(Math.random() * 50))}@x.org`,
        name: `n${String(Math.floor(Math.random() * 5))}`,
        created_at: at(),
        updated_at: at(),
        last_login: Math.random() < 0.3 ? null : at(),
      });
      const staying: string[] = [];
      const leaving: string[] = [];
      for (let n = 0; n < 40; n += 1) {
        staying.push(await api.add(anybody()));
        leaving.push(await api.add(anybody()));
      }
      const pages = await walk(`?sort_by=${key}&order=${order}&page_size=7`, async () => {
        for (let n = 0; n < 5; n += 1) leaving.push(await api.add(anybody()));
        const gone = leaving.splice(Math.floor(Math.random() * leaving.length), 6);
        await api.pool.query('delete from read_model.user_directory where id = any($1::uuid[])', [gone]);
      });
      const seen = pages.flatMap(idsOf);
      expect(new Set(seen).size).toBe(seen.length);
      expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
    },
    60_000,
  );

  test('finds its way back from a page that everybody has left', async () => {
    const ids = [];
    for (const n of [1, 2, 3, 4]) ids.push(await api.add({ created_at: day(n) }));
    const first = await pageOf('?order=asc&page_size=2');
    await api.pool.query('delete from read_model.user_directory where id = any($1::uuid[])', [ids.slice(2)]);
    const empty = await pageOf(by(first.pagination.next_cursor));
    expect([idsOf(empty), empty.pagination.has_next, empty.pagination.has_previous]).toEqual([[], false, true]);
    const back = await pageOf(by(empty.pagination.previous_cursor));
    expect(idsOf(back)).toEqual(ids.slice(0, 2));
    expect(back.pagination).toMatchObject({ current_page: null, has_next: false, has_previous: false });
  });
});

describe('A cursor', () => {
  const filters = 'role=user&q=some&is_active=true&created_after=2020-01-01T00:00:00%2B02:00';
  const nextOf = async (search: string): Promise<string> => {
    await Promise.all([1, 2, 3].map((n) => api.add({ username: `some${String(n)}`, created_at: day(n) })));
    return (await pageOf(search)).pagination.next_cursor!;
  };

  test('keeps filters, order and page size, which may be repeated as they are', async () => {
    await api.add({ username: 'else', role: 'admin' });
    const cursor = await nextOf(`?${filters}&sort_by=username&order=asc&page_size=1`);
    const alone = await pageOf(`?cursor=${cursor}`);
    expect(alone.data).toMatchObject([{ username: 'some2' }]);
    expect(alone.pagination).toMatchObject({ current_page: null, page_size: 1, total_items: 3, total_pages: 3 });
    const again = await pageOf(`?cursor=${cursor}&${filters}&sort_by=username&order=asc&page_size=5&fields=username`);
    expect(again.data).toEqual([{ username: 'some2' }, { username: 'some3' }]);
  });

  test.each([
    ['page=1', 'page: conflict'],
    ['order=desc', 'order: conflict'],
    ['sort_by=email', 'sort_by: conflict'],
    ['role=admin', 'role: conflict'],
    ['status=active', 'status: conflict'],
    ['is_active=false', 'is_active: conflict'],
    ['q=else', 'q: conflict'],
    ['email=a@example.com', 'email: conflict'],
    ['username=a', 'username: conflict'],
    ['created_after=2020-01-02T00:00:00Z', 'created_after: conflict'],
    ['created_before=2020-01-02T00:00:00Z', 'created_before: conflict'],
    ['page_size=1&limit=1', 'limit: conflict'],
    ['page_size=101', 'page_size: too_big'],
  ])('refuses another request beside it: %s', async (other, detail) => {
    const cursor = await nextOf(`?${filters}&order=asc&page_size=1`);
    const seen = await list(`?cursor=${cursor}&${other}`);
    expect([seen.status, detailsOf(seen)]).toEqual([400, [detail]]);
  });

  test('holds nothing that can be read', async () => {
    await api.add({ username: 'anna', email: 'anna@secret.example', name: 'Anna', created_at: day(9) });
    const cursor = await nextOf('?sort_by=email&order=asc&page_size=1');
    const text = cursor
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();
    expect(text).not.toMatch(/anna|secret|email|asc/);
    expect(cursor.length).toBeLessThan(700);
  });

  test('that was changed anywhere, cut, or made up is 400', async () => {
    const cursor = await nextOf('?page_size=1');
    const changed = [...cursor].map((letter, at) => {
      const other = letter === 'A' ? 'B' : 'A';
      return `${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`;
    });
    const [key, body, mac] = cursor.split('.');
    const others = [
      '',
      'x',
      'a.b.c',
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      '.'.repeat(9_000),
    ];
    const swapped = [`${body!}.${key!}.${mac!}`, `${key!}.${body!}.`, `.${body!}.${mac!}`, `${key!}.${body!}`];
    for (const bad of [...changed, ...others, ...swapped]) {
      const seen = await list(`?cursor=${encodeURIComponent(bad)}`);
      expect([bad, seen.status, detailsOf(seen)]).toEqual([bad, 400, ['cursor: malformed']]);
    }
  }, 60_000);

  test('of the erased is for nobody who may not see them', async () => {
    for (const n of [1, 2]) await api.add({ status: 'erased', username: null, email: null, created_at: day(n) });
    const { pagination } = await pageOf('?status=erased&page_size=1');
    const manager = await signIn(api.log, 'manager', { id: randomUUID() });
    const path = `/v1/users?cursor=${pagination.next_cursor!}`;
    expect((await probe(api.url, { path, headers: manager.headers })).status).toBe(403);
    expect((await probe(api.url, { path, headers: admin.headers })).status).toBe(200);
  });
});
