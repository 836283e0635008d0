import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

interface Page {
  readonly data: readonly { readonly id: string; readonly username: string }[];
  readonly pagination: Readonly<Record<string, unknown>>;
}

let api: QueryApi;
let admin: SignedIn;
const list = (search = '', caller = admin): Promise<Seen> =>
  probe(api.url, { path: `/v1/users${search}`, headers: caller.headers });
const pageOf = (seen: Seen): Page => seen.json as Page;
const namesOf = async (search: string): Promise<readonly string[]> =>
  pageOf(await list(search)).data.map(({ username }) => username);

beforeAll(async () => {
  api = await startQueryApi();
  admin = await signIn(api.log, 'admin');
  const day = (n: number): string => `2026-01-0${String(n)}T00:00:00.000Z`;
  await api.add({ username: 'eve', role: 'manager', created_at: day(1), last_login: day(8), email: 'c@x.org' });
  await api.add({ username: 'dan', role: 'user', status: 'pending', created_at: day(2), email: 'b@x.org' });
  await api.add({ username: 'cat', role: 'user', status: 'deactivated', created_at: day(3), email: 'a@x.org' });
  const twins = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
  await api.add({ id: twins[1], username: 'bob', created_at: day(4), last_login: day(9), email: 'e@x.org' });
  await api.add({ id: twins[0], username: 'ann', created_at: day(4), email: 'd@x.org' });
  await api.add({ username: 'gone', status: 'erased', created_at: day(5), role: 'manager' });
});
afterAll(() => api.close());

describe('The list', () => {
  test('shows the newest first, equals in a fixed order, and nobody who was erased', async () => {
    expect(await namesOf('')).toEqual(['bob', 'ann', 'cat', 'dan', 'eve']);
    expect(await namesOf('?order=asc')).toEqual(['eve', 'dan', 'cat', 'ann', 'bob']);
  });

  test.each([
    ['?sort_by=username&order=asc', ['ann', 'bob', 'cat', 'dan', 'eve']],
    ['?sort_by=email&order=desc', ['bob', 'ann', 'eve', 'dan', 'cat']],
    ['?sort_by=last_login&order=desc', ['bob', 'eve']],
    ['?sort_by=last_login&order=asc', ['eve', 'bob']],
  ])('is sorted as asked: %s', async (search, expected) => {
    expect((await namesOf(search)).slice(0, expected.length)).toEqual(expected);
  });

  test.each([
    ['?is_active=true', ['bob', 'ann', 'eve']],
    ['?is_active=false', ['cat', 'dan']],
    ['?is_active=False', ['cat', 'dan']],
    ['?role=manager', ['eve']],
    ['?role=MEMBER', ['bob', 'ann', 'cat', 'dan']],
    ['?role=User', ['bob', 'ann', 'cat', 'dan']],
    ['?role=user&is_active=false', ['cat', 'dan']],
    ['?role=auditor', []],
  ])('is filtered as asked: %s', async (search, expected) => {
    expect(await namesOf(search)).toEqual(expected);
  });

  test('comes in pages that say what there is', async () => {
    const page = async (n: number): Promise<Page> => pageOf(await list(`?page_size=2&page=${String(n)}`));
    const common = {
      page_size: 2,
      total_items: 5,
      total_pages: 3,
      total_is_estimate: false,
    };
    const [some, none] = [expect.any(String) as unknown, null];
    const pages = await Promise.all([page(1), page(2), page(3), page(4)]);
    expect(pages.map(({ data }) => data.map(({ username }) => username))).toEqual([
      ['bob', 'ann'],
      ['cat', 'dan'],
      ['eve'],
      [],
    ]);
    expect(pages.map(({ pagination }) => pagination)).toEqual([
      { ...common, current_page: 1, has_next: true, has_previous: false, next_cursor: some, previous_cursor: none },
      { ...common, current_page: 2, has_next: true, has_previous: true, next_cursor: some, previous_cursor: some },
      { ...common, current_page: 3, has_next: false, has_previous: true, next_cursor: none, previous_cursor: some },
      { ...common, current_page: 4, has_next: false, has_previous: true, next_cursor: none, previous_cursor: none },
    ]);
  });

  test('of nobody has no pages', async () => {
    const { data, pagination } = pageOf(await list('?role=auditor'));
    expect([data, pagination['total_items'], pagination['total_pages'], pagination['has_next']]).toEqual([
      [],
      0,
      0,
      false,
    ]);
  });

  test('takes limit for page_size', async () => {
    expect(pageOf(await list('?limit=1')).data).toHaveLength(1);
  });

  test.each([
    ['?page_size=0', 'page_size'],
    ['?page_size=101', 'page_size'],
    ['?page_size=1000000000', 'page_size'],
    ['?page=0', 'page'],
    ['?page=-1', 'page'],
    ['?page=1.5', 'page'],
    ['?page=', 'page'],
    ['?page=101&page_size=100', 'cursor'],
    ['?page_size=2&limit=2', 'limit'],
    ['?sort_by=password', 'sort_by'],
    ['?sort_by=id;drop%20table%20x', 'sort_by'],
    ['?order=up', 'order'],
    ['?role=king', 'role'],
    ['?is_active=maybe', 'is_active'],
    ['?q=x&page=1&page=2', 'page'],
    ['?userId=1', 'userId'],
  ])('refuses what it does not know, naming it: %s', async (search, field) => {
    const seen = await list(search);
    expect(seen.status).toBe(400);
    expect(detailsOf(seen).some((detail) => detail.startsWith(`${field}: `))).toBe(true);
  });

  test('reaches its last row by page', async () => {
    expect((await list('?page=100&page_size=100')).status).toBe(200);
  });

  test('is for staff', async () => {
    const seen = await Promise.all(
      ROLES.map(async (role) => [role, (await list('', await signIn(api.log, role))).status]),
    );
    expect(Object.fromEntries(seen)).toEqual({ user: 403, moderator: 200, manager: 200, auditor: 200, admin: 200 });
  });

  test('has no ETag and is never stored', async () => {
    const { headers } = await list();
    expect(headers.etag).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
  });
});
