import { describe, expect, test } from '@jest/globals';
import { JoinedReads } from '@rollbook/shared/event-log/joined-reads';
import { settled, SteppedClock } from '../../support/stepped-clock.ts';

/** Reads that end when they are told to. */
const given = () => {
  const clock = new SteppedClock();
  const joined = new JoinedReads<number>(clock);
  const begun: PromiseWithResolvers<number>[] = [];
  const ask = (key = 'user-a'): Promise<number> =>
    joined.read(key, () => {
      const reading = Promise.withResolvers<number>();
      begun.push(reading);
      return reading.promise;
    });
  return { clock, begun, ask };
};

describe('Who asks for a stream while it is being read', () => {
  test('waits for the next reading, and shares it with all who ask meanwhile', async () => {
    const { begun, ask } = given();
    const first = ask();
    const others = [ask(), ask(), ask()];
    await settled();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve(1);
    expect(await first).toBe(1);
    await settled();
    expect(begun).toHaveLength(2);
    // Whoever asks now may miss what was written since the second began.
    const late = ask();
    begun[1]?.resolve(2);
    expect(await Promise.all(others)).toStrictEqual([2, 2, 2]);
    await settled();
    expect(begun).toHaveLength(3);
    begun[2]?.resolve(3);
    expect(await late).toBe(3);
  });

  test('is not held up by another stream, nor by one that was read before', async () => {
    const { begun, ask } = given();
    const [one, other] = [ask('user-a'), ask('user-b')];
    expect(begun).toHaveLength(2);
    begun[1]?.resolve(2);
    begun[0]?.resolve(1);
    expect(await Promise.all([one, other])).toStrictEqual([1, 2]);
    void ask('user-a');
    expect(begun).toHaveLength(3);
  });

  test('reads for themselves after a reading that failed, and after 100 ms of one that hangs', async () => {
    const { clock, begun, ask } = given();
    const first = ask();
    const second = ask();
    begun[0]?.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await settled();
    expect(begun).toHaveLength(2);
    const third = ask();
    await settled();
    await clock.pass(99);
    expect(begun).toHaveLength(2);
    await clock.pass(1);
    await settled();
    expect(begun).toHaveLength(3);
    begun[2]?.resolve(3);
    expect(await third).toBe(3);
    begun[1]?.resolve(2);
    expect(await second).toBe(2);
  });
});
