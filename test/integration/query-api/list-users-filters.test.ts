import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

interface Person {
  readonly username: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly role: string;
  readonly status: string;
  readonly created_at: string;
}
interface Page {
  readonly data: readonly { readonly id: string; readonly username: string }[];
  readonly pagination: { readonly total_items: number; readonly total_is_estimate: boolean };
}

let api: QueryApi;
let admin: SignedIn;
const list = (search = '', caller = admin): Promise<Seen> =>
  probe(api.url, { path: `/v1/users${search}`, headers: caller.headers });

const person = (username: string, name: string, email: string, role: string, status: string, day: number): Person => ({
  username,
  name,
  email,
  role,
  status,
  created_at: `2026-01-0${String(day)}T00:00:00.000Z`,
});

const PEOPLE: readonly Person[] = [
  person('anna', 'Anna Ärger', 'Anna@Example.com', 'user', 'active', 1),
  person('ben_k', 'Ben', 'ben@müller.example', 'user', 'pending', 2),
  person('benXk', '50% Off', 'b.x@example.org', 'manager', 'active', 3),
  person('carla', String.raw`back\slash\é`, 'c@example.org', 'manager', 'deactivated', 4),
  person('dora', '王伟', 'd@example.org', 'admin', 'active', 5),
  person('emil', 'ＷＩＤＥ Anna', 'e@example.org', 'auditor', 'active', 6),
  person('Hanna', 'Ken', 'h@example.org', 'moderator', 'pending', 7),
  { username: null, name: null, email: null, role: 'user', status: 'erased', created_at: '2026-01-08T00:00:00.000Z' },
];

beforeAll(async () => {
  api = await startQueryApi();
  admin = await signIn(api.log, 'admin');
  for (const one of PEOPLE) await api.add(one);
});
afterAll(() => api.close());

/** Each filter with what it means, said a second time and simply. */
const says =
  (part: string) =>
  ({ username, name, email }: Person): boolean =>
    [username, name, email].some((text) => text?.normalize('NFKC').toLowerCase().includes(part));
const begins =
  (part: string) =>
  ({ username, name, email }: Person): boolean =>
    [username, name, email].some((text) => text?.toLowerCase().startsWith(part));

const FILTERS: readonly (readonly [string, (one: Person) => boolean])[] = [
  ['is_active=true', ({ status }) => status === 'active'],
  ['is_active=FALSE', ({ status }) => status === 'pending' || status === 'deactivated'],
  ['status=pending', ({ status }) => status === 'pending'],
  ['status=ACTIVE', ({ status }) => status === 'active'],
  ['status=Deactivated', ({ status }) => status === 'deactivated'],
  ['status=erased', ({ status }) => status === 'erased'],
  ['role=user', ({ role }) => role === 'user'],
  ['role=Member', ({ role }) => role === 'user'],
  ['role=MANAGER', ({ role }) => role === 'manager'],
  ['email=ANNA@example.COM', ({ username }) => username === 'anna'],
  ['email=ben@xn--mller-kva.example', ({ username }) => username === 'ben_k'],
  ['email=nobody@example.com', () => false],
  ['username=anna', ({ username }) => username === 'anna'],
  ['username=hanna', () => false],
  ['q=anna', says('anna')],
  ['q=ANNA', says('anna')],
  ['q=example.org', says('example.org')],
  ['q=%C3%84RGER', says('ärger')],
  ['q=wide%20anna', says('wide anna')],
  ['q=n_k', says('n_k')],
  ['q=50%25', says('50%')],
  ['q=k%5Cs', says('k\\s')],
  ['q=h%5C%C3%A9', says('h\\é')],
  ['q=___', () => false],
  ['q=%25%25%25', () => false],
  ['q=an', begins('an')],
  ['q=%20be%20', begins('be')],
  ['q=_', () => false],
  ['q=%E7%8E%8B', begins('王')],
  ['q=ken%0A', says('ken')],
  ['created_after=2026-01-03T00:00:00Z', ({ created_at: at }) => at > '2026-01-03T00:00:00.000Z'],
  ['created_after=2026-01-02T23:59:59.9999Z', ({ created_at: at }) => at >= '2026-01-03'],
  ['created_before=2026-01-03T02:00:00%2B02:00', ({ created_at: at }) => at < '2026-01-03T00:00:00.000Z'],
  ['created_before=2026-01-03T02:00:00+02:00', ({ created_at: at }) => at < '2026-01-03T00:00:00.000Z'],
];

const nameOf = (search: string): string => search.slice(0, search.indexOf('='));
type Filter = (typeof FILTERS)[number];
/** Whoever was erased is there only where nobody else is asked for. */
const expected = (...filters: readonly Filter[]): readonly (string | null)[] => {
  const ofErased = filters.some(([search]) => search === 'status=erased');
  return PEOPLE.filter((one) => (one.status === 'erased') === ofErased && filters.every(([, holds]) => holds(one)))
    .map(({ username }) => username)
    .reverse();
};
const found = async (search: string): Promise<readonly unknown[]> => {
  const seen = await list(`?${search}`);
  if (seen.status !== 200) throw new Error(`${search} gave ${seen.text}`);
  const { data, pagination } = seen.json as Page;
  expect([pagination.total_items, pagination.total_is_estimate]).toEqual([data.length, false]);
  return data.map(({ username }) => username);
};

describe('A filter', () => {
  test.each(FILTERS)('finds exactly whom it means: %s', async (search, holds) => {
    expect(await found(search)).toEqual(expected([search, holds]));
  });

  test('combines with every other: all must hold', async () => {
    for (const [index, a] of FILTERS.entries())
      for (const b of FILTERS.slice(index + 1)) {
        const pair = `${a[0]}&${b[0]}`;
        if (nameOf(a[0]) !== nameOf(b[0])) expect([pair, await found(pair)]).toEqual([pair, expected(a, b)]);
      }
  }, 60_000);

  test('for the erased is answered to those who may know, and refused to everybody else', async () => {
    const seen = await Promise.all(
      ROLES.map(async (role) => [role, (await list('?status=erased', await signIn(api.log, role))).status]),
    );
    expect(Object.fromEntries(seen)).toEqual({ user: 403, moderator: 403, manager: 403, auditor: 200, admin: 200 });
  });

  test.each([
    ['status=king', 'status'],
    ['status=', 'status'],
    ['role=', 'role'],
    ['is_active=1', 'is_active'],
    ['email=anna', 'email'],
    ['email=', 'email'],
    ['username=', 'username'],
    [`username=${'u'.repeat(51)}`, 'username'],
    ['q=', 'q'],
    ['q=%20%20', 'q'],
    ['q=a%0Ab', 'q'],
    [`q=${'q'.repeat(201)}`, 'q'],
    [`q=${encodeURIComponent('ﷺ'.repeat(100))}`, 'q'],
    ['created_after=yesterday', 'created_after'],
    ['created_after=2026-01-03', 'created_after'],
    ['created_after=2026-02-30T00:00:00Z', 'created_after'],
    ['created_before=2026-01-03T00:00:00', 'created_before'],
    ['created_before=0000-01-01T00:00:00Z', 'created_before'],
    ['created_before=1767398400', 'created_before'],
    ['fields=', 'fields'],
    ['fields=id,password', 'fields'],
    ['fields=id,%20email', 'fields'],
    ['fields=is_active,constructor', 'fields'],
    ['search=anna', 'search'],
    ['__proto__=1', '__proto__'],
  ])('that cannot be read is 400, naming it: %s', async (search, field) => {
    const seen = await list(`?${search}`);
    expect([seen.status, detailsOf(seen).map((detail) => detail.split(': ')[0])]).toEqual([400, [field]]);
  });

  test.each([
    ['created_before=9999-12-31T23:59:59Z', 7],
    ['created_after=0001-01-01T00:00:00%2B14:00', 7],
    ['created_before=9999-12-31T23:59:59-14:00', 7],
    ['created_after=2026-01-03T23:59:00%2B23:59', 4],
    ['created_before=2026-01-02T00:01:00-23:59', 2],
    [`created_after=2026-01-02T23:59:59.${'9'.repeat(200)}Z`, 5],
    [`q=${encodeURIComponent("'; drop table read_model.user_directory; --")}`, 0],
    [`q=${encodeURIComponent('$1 \\ " {} 😀')}`, 0],
  ])('at its limits is answered: %s', async (search, people) => {
    expect(await found(search)).toHaveLength(people);
  });
});

describe('The fields that are asked for', () => {
  test('are all that is answered, in a list, of a person and of oneself', async () => {
    const one = { username: 'carla', is_active: false };
    const { data } = (await list('?username=carla&fields=username,is_active')).json as Page;
    expect(data).toEqual([one]);
    const all = (await list('?username=carla&fields=id')).json as Page;
    const get = (path: string) => probe(api.url, { path, headers: admin.headers });
    const seen = await get(`/v1/users/${all.data[0]!.id}?fields=is_active,username,username`);
    expect(seen.json).toEqual(one);
    expect(seen.headers.etag).toBe('"0.0"');
    await api.add({ id: admin.id, username: 'boss', role: 'admin' });
    expect((await get('/v1/users/me?fields=username')).json).toEqual({ username: 'boss' });
    expect(detailsOf(await get('/v1/users/me?fields=nothing'))).toEqual(['fields: unknown_field']);
  });
});
