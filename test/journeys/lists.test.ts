import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

const fresh = (answer: ClientAnswer) => ({ 'consistency-token': answer.headers.get('consistency-token') ?? '' });
const create = (body: object): Promise<ClientAnswer> => call(rollbook.url, 'POST', '/users', { token: admin, body });
const list = (search: string, after?: ClientAnswer, token = admin): Promise<ClientAnswer> =>
  call(rollbook.url, 'GET', `/users?${search}`, { token, headers: after ? fresh(after) : {} });
const names = ({ body }: ClientAnswer): unknown => body.data.map(({ username }: { username: string }) => username);

describe('Staff', () => {
  test('find whom they just created: by part of a name, by address, by role, and counted', async () => {
    const before = await list('role=moderator');
    await create({ email: 'Greta.Meyer@example.com', username: 'greta', name: 'Grete Müller', role: 'moderator' });
    const last = await create({ email: 'georg@example.com', username: 'georg', name: 'Georg', role: 'moderator' });
    expect(last.status).toBe(201);
    expect(names(await list('q=M%C3%9CLL', last))).toStrictEqual(['greta']);
    expect(names(await list('q=ge'))).toStrictEqual(['georg']);
    expect(names(await list('email=greta.meyer@EXAMPLE.com'))).toStrictEqual(['greta']);
    const both = await list('role=Moderator&sort_by=username&order=asc&fields=username,role', last);
    expect(both.body.data.slice(-2)).toStrictEqual([
      { username: 'georg', role: 'moderator' },
      { username: 'greta', role: 'moderator' },
    ]);
    expect(both.body.pagination.total_items).toBe((before.body.pagination.total_items as number) + 2);
  });

  test('go through everybody by cursor, and back', async () => {
    const made: ClientAnswer[] = [];
    for (const n of [1, 2, 3, 4, 5]) made.push(await create({ email: `walk${String(n)}@example.net` }));
    const first = await list('q=@example.net&sort_by=email&order=asc&page_size=2', made.at(-1));
    const next = await list(`cursor=${first.body.pagination.next_cursor as string}`);
    const last = await list(`cursor=${next.body.pagination.next_cursor as string}`);
    expect([names(first), names(next), names(last)]).toStrictEqual([['walk1', 'walk2'], ['walk3', 'walk4'], ['walk5']]);
    expect(last.body.pagination).toMatchObject({ current_page: null, total_items: 5, has_next: false });
    expect(names(await list(`cursor=${last.body.pagination.previous_cursor as string}`))).toStrictEqual([
      'walk3',
      'walk4',
    ]);
    const other = await list(`cursor=${first.body.pagination.next_cursor as string}&q=someone`);
    expect(refusal(other)).toStrictEqual([400, 'VALIDATION_ERROR', 'q', 'conflict']);
  });

  test('find nothing of an erased person, but that there was one', async () => {
    const gone = await create({ email: 'vera.vanishing@example.com', username: 'vanishing', name: 'Vera Vanishing' });
    const everybody = (await list('', gone)).body.pagination.total_items as number;
    const { id } = gone.body as { id: string };
    const erased = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
    expect(erased.status).toBe(204);
    for (const search of ['q=vanishing', 'q=va', 'username=vanishing', 'email=vera.vanishing@example.com'])
      expect([search, (await list(search, erased)).body.data]).toStrictEqual([search, []]);
    expect((await list('')).body.pagination.total_items).toBe(everybody - 1);
    const listed = await list('status=ERASED&fields=id,status,email');
    expect(listed.body.data).toContainEqual({ id, status: 'erased', email: null });
    const manager = await journey.staff('mia', 'manager');
    expect(refusal(await list('status=erased', undefined, manager))).toStrictEqual([403, 'FORBIDDEN']);
  });
});
