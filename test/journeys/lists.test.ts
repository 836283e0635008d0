import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { after, type Schemas, type TypedAnswer, type UserFilter } from '../support/typed-client.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

type Page = Awaited<ReturnType<typeof list>>;
const create = (name: string, more: Parameters<typeof journey.register>[1]) =>
  journey.register(name, { password: null, ...more }, { token: admin });
const list = (query: UserFilter, write?: TypedAnswer<unknown>, token = admin) =>
  journey.as(token).GET('/v1/users', { params: { query, header: write ? after(write) : {} } });
const names = ({ body }: Page): unknown => body.data.map(({ username }) => username);
const nextOf = ({ body }: Page): string => body.pagination.next_cursor ?? '';

describe('Staff', () => {
  test('find whom they just created: by part of a name, by address, by role, and counted', async () => {
    const before = await list({ role: 'moderator' });
    await create('greta', { email: 'Greta.Meyer@example.com', name: 'Grete Müller', role: 'moderator' });
    const last = await create('georg', { name: 'Georg', role: 'moderator' });
    expect(last.status).toBe(201);
    expect(names(await list({ q: 'MÜLL' }, last))).toStrictEqual(['greta']);
    expect(names(await list({ q: 'ge' }))).toStrictEqual(['georg']);
    expect(names(await list({ email: 'greta.meyer@EXAMPLE.com' }))).toStrictEqual(['greta']);
    const sorted = { sort_by: 'username', order: 'asc' } as const;
    const both = await list({ role: 'Moderator', ...sorted, fields: 'username,role' }, last);
    expect(both.body.data.slice(-2)).toStrictEqual([
      { username: 'georg', role: 'moderator' },
      { username: 'greta', role: 'moderator' },
    ]);
    expect(both.body.pagination.total_items).toBe(before.body.pagination.total_items + 2);
  });

  test('go through everybody by cursor, and back', async () => {
    const made: TypedAnswer<Schemas['User']>[] = [];
    for (const name of ['walk1', 'walk2', 'walk3', 'walk4', 'walk5'])
      made.push(await create(name, { email: `${name}@example.net`, username: null }));
    const first = await list({ q: '@example.net', sort_by: 'email', order: 'asc', page_size: '2' }, made.at(-1));
    const next = await list({ cursor: nextOf(first) });
    const last = await list({ cursor: nextOf(next) });
    expect([names(first), names(next), names(last)]).toStrictEqual([['walk1', 'walk2'], ['walk3', 'walk4'], ['walk5']]);
    expect(last.body.pagination).toMatchObject({ current_page: null, total_items: 5, has_next: false });
    const back = await list({ cursor: last.body.pagination.previous_cursor ?? '' });
    expect(names(back)).toStrictEqual(['walk3', 'walk4']);
    const other = await list({ cursor: nextOf(first), q: 'someone' });
    expect(refusal(other)).toStrictEqual([400, 'VALIDATION_ERROR', 'q', 'conflict']);
  });

  test('find nothing of an erased person, but that there was one', async () => {
    const gone = await create('vanishing', { email: 'vera.vanishing@example.com', name: 'Vera Vanishing' });
    const everybody = (await list({}, gone)).body.pagination.total_items;
    const { id } = gone.body;
    const forGood = { path: { id }, query: { soft_delete: 'false' } };
    const erased = await journey.as(admin).DELETE('/v1/users/{id}', { params: forGood });
    expect(erased.status).toBe(204);
    const email = 'vera.vanishing@example.com';
    for (const search of [{ q: 'vanishing' }, { q: 'va' }, { username: 'vanishing' }, { email }])
      expect([search, (await list(search, erased)).body.data]).toStrictEqual([search, []]);
    expect((await list({})).body.pagination.total_items).toBe(everybody - 1);
    const listed = await list({ status: 'ERASED', fields: 'id,status,email' });
    expect(listed.body.data).toContainEqual({ id, status: 'erased', email: null });
    const manager = await journey.staff('mia', 'manager');
    expect(refusal(await list({ status: 'erased' }, undefined, manager))).toStrictEqual([403, 'FORBIDDEN']);
  });
});
