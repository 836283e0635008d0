import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectEverybodyOnce, expectWhatMoversArePromised } from './crowd-promises.ts';
import { drawFrom } from './draw.ts';
import { startQueryApi, type QueryApi } from './query-api.ts';
import { walkInACrowd, type CrowdOptions, type CrowdSeen } from './walk-in-a-crowd.ts';

/** What holds for every walk through the list while a crowd of this size comes and goes. `most`: ms for all of it. */
export const describeACrowd = (size: Omit<CrowdOptions, 'draw'>, most: number): void => {
  const people = size.comeAndGo;
  describe(`While ${String(people)} people come and ${String(people)} are erased`, () => {
    let api: QueryApi;
    let seen: CrowdSeen;
    beforeAll(async () => {
      api = await startQueryApi();
      seen = await walkInACrowd(api, { ...size, draw: drawFrom(Date.now()) });
    }, most);
    afterAll(() => api.close());

    test('the list is walked through in every order', () => {
      expect([seen.came, seen.went]).toStrictEqual([people, people]);
      const amidst = seen.walks.filter(({ steps }) => steps > 0);
      expect(new Set(amidst.map(({ sort }) => `${sort.key} ${sort.order}`)).size).toBe(12);
    });

    test('nobody who was there all the time is missed or met twice', () => expectEverybodyOnce(seen));

    test('people whose own values change are met as the list promises', () => expectWhatMoversArePromised(seen));
  });
};
