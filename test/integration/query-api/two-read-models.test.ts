import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Position } from '@rollbook/shared/event-log/event';
import { probe, type Seen } from '../../support/http-probe.ts';
import { LOG_ID, positionOf, startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn, type SignedIn } from '../../support/signed-in.ts';

// Sessions are read from their own read model; whether there is such a person, from that of people.

let api: QueryApi;
let admin: SignedIn;
beforeAll(async () => {
  api = await startQueryApi();
  admin = await signIn(api.log, 'admin');
});
afterAll(() => api.close());

const sessionsMoveTo = (position: Position): Promise<unknown> =>
  api.pool.query("update read_model.projections set position = $1 where name = 'user_sessions'", [position]);
const sessionsOf = (id: string, position: Position): Promise<Seen> => {
  const token = api.tokens.issue({ logId: LOG_ID, position, stream: `user-${id}`, revision: 0 });
  return probe(api.url, {
    path: `/v1/users/${id}/sessions`,
    headers: { ...admin.headers, 'Consistency-Token': token },
  });
};
const placeIn = ({ headers }: Seen): unknown => headers['projection-position'];

test('The sessions of somebody new wait for both read models, and are as far as the one that is less far', async () => {
  const id = randomUUID();
  await sessionsMoveTo(positionOf(7));
  const waiting = sessionsOf(id, positionOf(2));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await api.add({ id });
  await api.moveTo(positionOf(2));
  const seen = await waiting;
  expect([seen.status, placeIn(seen)]).toStrictEqual([200, positionOf(2)]);
});

test('They are not answered while either read model does not come', async () => {
  const id = await api.add({});
  const seen = await sessionsOf(id, positionOf(3));
  expect([seen.status, seen.headers['retry-after'], placeIn(seen)]).toStrictEqual([503, '1', positionOf(2)]);
  expect(seen.headers['projection-lag-ms']).toMatch(/^\d+$/);
});

test('They are not answered while one of the two is not there', async () => {
  const id = await api.add({});
  const state = (is: string): Promise<unknown> =>
    api.pool.query('update read_model.projections set state = $1 where name = $2', [is, 'user_directory']);
  await state('building');
  try {
    expect((await probe(api.url, { path: `/v1/users/${id}/sessions`, headers: admin.headers })).status).toBe(503);
  } finally {
    await state('live');
  }
});

test('A refusal says how far the read model is, where a token made somebody look', async () => {
  const somebody = await signIn(api.log, 'user');
  const token = api.tokens.issue({ logId: LOG_ID, position: positionOf(1), stream: 'service', revision: 0 });
  const path = '/v1/users?status=erased';
  const moderator = await signIn(api.log, 'moderator');
  const refused = await probe(api.url, { path, headers: { ...moderator.headers, 'Consistency-Token': token } });
  expect([refused.status, placeIn(refused)]).toStrictEqual([403, positionOf(2)]);
  // Who may list nobody at all is refused before anybody looks.
  const early = await probe(api.url, { path, headers: { ...somebody.headers, 'Consistency-Token': token } });
  expect([early.status, placeIn(early)]).toStrictEqual([403, undefined]);
});
