import { describe, expect, test } from '@jest/globals';
import { EndCheck } from '@rollbook/shared/event-log/end-check';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import { settled, SteppedClock } from '../../support/stepped-clock.ts';

const at = (n: number): Position => String(n).padStart(20, '0') as Position;

/** A log that ends where the test says; its answers can be held back. */
const given = () => {
  const clock = new SteppedClock();
  const log = { end: null as Position | null, away: false, reads: 0 };
  const faults: unknown[] = [];
  let shorter = 0;
  let held: (() => void)[] | null = null;
  const end = async (): Promise<Position | null> => {
    log.reads += 1;
    const { end: now, away } = log;
    if (held) await new Promise<void>((go) => held?.push(go));
    if (away) throw new StoreUnavailable('away');
    return now;
  };
  const check = new EndCheck({
    end,
    clock,
    onFault: (fault) => faults.push(fault),
    onShorter: () => (shorter += 1),
  });
  check.begin(null);
  return {
    clock,
    log,
    check,
    faults,
    shorter: () => shorter,
    hold: () => (held = []),
    letGo: async () => {
      const waiting = held ?? [];
      held = null;
      for (const go of waiting) go();
      await settled();
    },
  };
};

describe('Whether a follower stands at the end of the log', () => {
  test('is known by reading the end, and counts for half a second from the moment the reading began', async () => {
    const { clock, log, check, hold, letGo } = given();
    log.end = at(5);
    check.reach(at(5));
    hold();
    const asked = check.isCurrent();
    await clock.pass(100);
    await letGo();
    expect(await asked).toBe(true);
    hold();
    await clock.pass(399);
    expect(await check.isCurrent()).toBe(true);
    const late = clock.pass(1);
    const again = check.isCurrent();
    await late;
    await clock.pass(500);
    expect(await again).toBe(false);
  });

  test('is read once for everybody who asks, and not at all while nobody does', async () => {
    const { clock, log, check } = given();
    await clock.pass(10_000);
    expect(log.reads).toBe(0);
    expect(await Promise.all(Array.from({ length: 100 }, () => check.isCurrent()))).not.toContain(false);
    expect(log.reads).toBe(1);
    for (let ms = 0; ms < 10_000; ms += 10) {
      expect(await check.isCurrent()).toBe(true);
      await clock.pass(10);
    }
    expect(log.reads).toBeLessThanOrEqual(41);
  });

  test('is not so while it has not reached the end that was read, however often it is asked', async () => {
    const { clock, log, check } = given();
    log.end = at(7);
    check.reach(at(6));
    for (let n = 0; n < 100; n += 1) {
      expect(await check.isCurrent()).toBe(false);
      await clock.pass(20);
    }
    // A silent follower costs a reading of the end each half second, not each request.
    expect(log.reads).toBeLessThanOrEqual(5);
  });

  test('is so once it has reached that end, though the log has gone on since', async () => {
    const { clock, log, check } = given();
    log.end = at(7);
    expect(await check.isCurrent()).toBe(false);
    log.end = at(99);
    await clock.pass(300);
    check.reach(at(7));
    expect(await check.isCurrent()).toBe(true);
    expect(log.reads).toBe(2);
    await clock.pass(200);
    // The second reading found 99, which was not reached.
    expect(await check.isCurrent()).toBe(false);
  });

  test('is not so when the end was read too long ago before it was reached', async () => {
    const { clock, log, check } = given();
    log.end = at(7);
    expect(await check.isCurrent()).toBe(false);
    log.end = at(9);
    await clock.pass(500);
    check.reach(at(7));
    expect(await check.isCurrent()).toBe(false);
  });

  test('is not so after a new start, whatever a reading from before brings', async () => {
    const { log, check, hold, letGo } = given();
    log.end = at(7);
    check.reach(at(7));
    hold();
    const asked = check.isCurrent();
    check.begin(at(3));
    await letGo();
    expect(await asked).toBe(false);
  });

  test('is not so before it has begun, though there is nothing to read', async () => {
    const { clock } = given();
    const parts = { end: () => Promise.resolve(null), clock, onFault: () => undefined, onShorter: () => undefined };
    const check = new EndCheck(parts);
    expect(await check.isCurrent()).toBe(false);
    check.begin(null);
    expect(await check.isCurrent()).toBe(true);
  });

  test('nobody waits longer than half a second for an answer about the end', async () => {
    const { clock, check, hold } = given();
    hold();
    const asked = check.isCurrent();
    await clock.pass(500);
    expect(await asked).toBe(false);
  });

  test('a clock that was put back lengthens nothing', async () => {
    const { clock, log, check } = given();
    expect(await check.isCurrent()).toBe(true);
    log.end = at(1);
    await clock.pass(-3_600_000);
    expect(await check.isCurrent()).toBe(false);
  });

  test('a log that ends before what was read of it is another log', async () => {
    const { log, check, shorter } = given();
    log.end = at(3);
    check.reach(at(5));
    expect(await check.isCurrent()).toBe(false);
    expect(shorter()).toBe(1);
  });
});

describe('A log that cannot be reached', () => {
  test('is known to be away until a reading succeeds, and is tried four times a second at most', async () => {
    const { clock, log, check, faults } = given();
    log.away = true;
    expect(await check.isAway()).toBe(false);
    expect(await check.isCurrent()).toBe(false);
    for (let n = 0; n < 100; n += 1) {
      expect(await check.isAway()).toBe(true);
      expect(await check.isCurrent()).toBe(false);
      await clock.pass(10);
    }
    expect(log.reads).toBeLessThanOrEqual(6);
    expect(faults).toHaveLength(1);
    log.away = false;
    await clock.pass(250);
    expect(await check.isAway()).toBe(false);
    expect(await check.isCurrent()).toBe(true);
  });

  test('is not taken for away because it was so when somebody asked last: the next reading is waited for', async () => {
    const { clock, log, check } = given();
    log.away = true;
    expect(await check.isCurrent()).toBe(false);
    log.away = false;
    await clock.pass(500);
    expect(await check.isAway()).toBe(false);
  });

  test('is known without waiting while somebody goes on asking', async () => {
    const { clock, log, check, hold } = given();
    log.away = true;
    expect(await check.isCurrent()).toBe(false);
    await clock.pass(300);
    hold();
    for (let n = 0; n < 10; n += 1) {
      expect(await check.isAway()).toBe(true);
      await clock.pass(200);
    }
  });

  test('where it stays silent, is waited for until half a second after the reading began', async () => {
    const { clock, log, check, hold } = given();
    log.away = true;
    expect(await check.isCurrent()).toBe(false);
    hold();
    await clock.pass(600);
    let answers = 0;
    const ask = () => check.isAway().then((away) => (answers += away ? 1 : 100));
    void ask();
    await clock.pass(499);
    void ask();
    await settled();
    expect(answers).toBe(0);
    await clock.pass(1);
    await settled();
    expect(answers).toBe(2);
    expect(await check.isAway()).toBe(true);
  });
});
