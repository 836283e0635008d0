import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE } from '@rollbook/shared/kernel/clock';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { WindowCounts } from '@rollbook/shared/request-limits/window-counts';
import { movedDate } from '../../support/moved-date.ts';

const pass = movedDate();
const person = (name: string, perHour = 3) => ({ name, perHour, isAddress: false });
const address = (name: string, perHour = 3) => ({ name, perHour, isAddress: true });

describe('Requests counted in memory', () => {
  test('are let through up to the limit, and each says how many are left', async () => {
    const limits = memoryRequestLimits();
    const seen = [];
    for (let n = 0; n < 5; n += 1) seen.push(await limits.count(person('ann')));
    expect(seen.map(({ limit, remaining, isOver }) => [limit, remaining, isOver])).toStrictEqual([
      [3, 2, false],
      [3, 1, false],
      [3, 0, false],
      [3, 0, true],
      [3, 0, true],
    ]);
  });

  test('are counted for an hour from the first, however often one asks in vain', async () => {
    const limits = memoryRequestLimits();
    pass(0);
    expect((await limits.count(person('ann', 1))).resetsIn).toBe(HOUR);
    pass(59 * MINUTE);
    const refused = await limits.count(person('ann', 1));
    expect([refused.isOver, refused.resetsIn]).toStrictEqual([true, MINUTE]);
    pass(MINUTE);
    const anew = await limits.count(person('ann', 1));
    expect([anew.isOver, anew.resetsIn]).toStrictEqual([false, HOUR]);
  });

  test('of one sender are nothing to another, and forgotten with an erasure', async () => {
    const limits = memoryRequestLimits();
    await limits.count(person('ann', 1));
    expect((await limits.count(person('ben', 1))).isOver).toBe(false);
    limits.forget('ann');
    expect((await limits.count(person('ann', 1))).isOver).toBe(false);
  });

  test('of others are added to a window that goes on, and begin none', async () => {
    const counts = new WindowCounts();
    pass(0);
    await counts.add(person('ann'));
    counts.correct('ann', { add: 50 }, HOUR);
    expect((await counts.add(person('ann'))).consumedPoints).toBe(52);
    // It ended a moment before; the library's timer has not fired.
    pass(HOUR);
    counts.correct('ann', { add: 50 }, 1);
    pass(1);
    expect(await counts.add(person('ann'))).toMatchObject({ consumedPoints: 1, msBeforeNext: HOUR });
  });

  test('of a flood of addresses push out the oldest address, and no person', async () => {
    const limits = memoryRequestLimits(new WindowCounts({ most: 10 }));
    await limits.count(person('ann', 1));
    await limits.count(address('first', 1));
    for (let n = 0; n < 9; n += 1) await limits.count(address(`flood ${String(n)}`));
    expect((await limits.count(address('first', 1))).isOver).toBe(true);
    await limits.count(address('one more'));
    expect((await limits.count(address('first', 1))).isOver).toBe(false);
    expect((await limits.count(person('ann', 1))).isOver).toBe(true);
  });
});
