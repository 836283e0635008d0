import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { drawFrom } from '../../support/draw.ts';
import { codeOf, detailsOf, probe, type Seen } from '../../support/http-probe.ts';
import { aContext } from '../../support/people.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

interface Page {
  readonly data: readonly {
    readonly id: string;
    readonly type: string;
    readonly at: string;
    readonly changes: readonly object[];
  }[];
  readonly pagination: { readonly next_cursor: string | null };
}

let api: QueryApi;
let auditor: SignedIn;
let ann: SignedIn;
let bob: SignedIn;

const append = async (stream: string, event: AnyNewEvent): Promise<void> => {
  const { end } = await api.log.read(stream);
  await api.log.append(stream, end, [event], aContext());
};
const get = (id: string, query = ''): Promise<Seen> =>
  probe(api.url, { path: `/v1/users/${id}/history${query}`, headers: auditor.headers });
const pageOf = async (id: string, query: string): Promise<Page> => (await get(id, query)).json as Page;

beforeAll(async () => {
  api = await startQueryApi();
  auditor = await signIn(api.log, 'auditor');
  ann = await signIn(api.log, 'user');
  bob = await signIn(api.log, 'user');
  const draw = drawFrom(7);
  for (let count = 0; count < 60; count += 1) {
    const kind = draw();
    if (kind < 0.3) {
      const [field, name] = ['name' as const, `Ann ${String(count)}`];
      await append(userStream(ann.id), { type: 'ProfileChanged', data: { fields: [field] }, personal: { name } });
    } else if (kind < 0.4) {
      const data = { claimId: randomUUID() };
      await append(userStream(ann.id), { type: 'ClaimForfeited', data, personal: null });
    } else if (kind < 0.8) {
      await append(signinStream(ann.id), { type: 'SignInFailed', data: { where: 'sign-in' }, personal: null });
    } else {
      await append(signinStream(ann.id), { type: 'SignedIn', data: { sessionId: ann.sessionId }, personal: null });
    }
  }
});
afterAll(() => api.close());

describe('A history in pages', () => {
  test.each([1, 2, 3, 7, 30, 59])(
    'of %i shows the same as one page does, fences of commands left out',
    async (size) => {
      const whole = await pageOf(ann.id, '?page_size=100');
      expect(whole.pagination.next_cursor).toBeNull();
      expect(whole.data.map(({ type }) => type)).not.toContain('ClaimForfeited');
      expect(whole.data.at(-1)?.type).toBe('UserRegistered');
      expect(new Set(whole.data.map(({ id }) => id)).size).toBe(whole.data.length);
      const paged: object[] = [];
      for (let query = `?page_size=${String(size)}`; query !== '';) {
        const { data, pagination } = await pageOf(ann.id, query);
        paged.push(...data);
        query = pagination.next_cursor === null ? '' : `?cursor=${pagination.next_cursor}`;
      }
      expect(paged).toEqual(whole.data);
      const signIns = whole.data.filter(({ type }) => type === 'SignedIn');
      expect(signIns.length).toBeGreaterThan(3);
      expect(signIns.map(({ changes }) => changes)).toEqual(
        signIns.map(({ at }, index) => [{ field: 'last_login', before: signIns[index + 1]?.at ?? null, after: at }]),
      );
    },
  );

  test('of 20 comes where nothing is said, and a cursor takes another size', async () => {
    const { data, pagination } = await pageOf(ann.id, '');
    expect([data.length, pagination]).toMatchObject([20, { page_size: 20, has_next: true }]);
    const next = await pageOf(ann.id, `?cursor=${String(pagination.next_cursor)}&limit=2`);
    expect([next.data.length, next.pagination]).toMatchObject([2, { page_size: 2, has_next: true }]);
  });
});

test('The history of who was erased a moment ago tells nothing, though their key still lives', async () => {
  const gone = await signIn(api.log, 'user');
  const profile = { fields: ['name' as const] };
  await append(userStream(gone.id), { type: 'ProfileChanged', data: profile, personal: { name: 'Gone Girl' } });
  await append(userStream(gone.id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
  const seen = await get(gone.id);
  expect(seen.status).toBe(200);
  expect(seen.text).not.toMatch(/Gone Girl|somebody|example\.com/);
  expect(seen.text).toContain('[erased]');
});

describe('What does not belong there', () => {
  test.each([
    ['page_size=0', 'page_size: too_small'],
    ['page_size=101', 'page_size: too_big'],
    ['limit=2&page_size=2', 'limit: conflict'],
    ['page=2', 'page: unknown_field'],
    ['cursor=', 'cursor: malformed'],
    ['cursor=bTE.AAAA.AAAA', 'cursor: malformed'],
    ['as_of=2026-01-01T00:00:00Z', 'as_of: unknown_field'],
  ])('is refused by its name: %s', async (query, detail) => {
    const seen = await get(ann.id, `?${query}`);
    expect([seen.status, codeOf(seen), detailsOf(seen)]).toEqual([400, 'VALIDATION_ERROR', [detail]]);
  });

  test('nor does the cursor of another history', async () => {
    const { pagination } = await pageOf(ann.id, '?page_size=1');
    const seen = await get(bob.id, `?cursor=${String(pagination.next_cursor)}`);
    expect([seen.status, detailsOf(seen)]).toEqual([400, ['cursor: malformed']]);
  });

  test('nor does an id that is none; nobody has no history', async () => {
    expect((await get('me')).status).toBe(400);
    expect((await get(randomUUID())).status).toBe(404);
  });
});
