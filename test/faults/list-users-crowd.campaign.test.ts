import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectEverybodyOnce, expectWhatMoversArePromised } from '../support/crowd-promises.ts';
import { drawFrom } from '../support/draw.ts';
import { startQueryApi, type QueryApi } from '../support/query-api.ts';
import { walkInACrowd, type CrowdSeen } from '../support/walk-in-a-crowd.ts';

// As test/integration/query-api/list-users-crowd.test.ts, longer.
const COME_AND_GO = 10_000;

let api: QueryApi;
let seen: CrowdSeen;
beforeAll(async () => {
  api = await startQueryApi();
  const draw = drawFrom(Date.now());
  seen = await walkInACrowd(api, { comeAndGo: COME_AND_GO, atATime: 20, stay: 1_000, move: 200, pageSize: 25, draw });
}, 1_200_000);
afterAll(() => api.close());

describe(`While ${String(COME_AND_GO)} people come and ${String(COME_AND_GO)} are erased`, () => {
  test('the list is walked through in every order', () => {
    expect([seen.came, seen.went]).toStrictEqual([COME_AND_GO, COME_AND_GO]);
    const amidst = seen.walks.filter(({ steps }) => steps > 0);
    expect(new Set(amidst.map(({ sort }) => `${sort.key} ${sort.order}`)).size).toBe(12);
  });

  test('nobody who was there all the time is missed or met twice', () => expectEverybodyOnce(seen));

  test('people whose own values change are met as the list promises', () => expectWhatMoversArePromised(seen));
});
