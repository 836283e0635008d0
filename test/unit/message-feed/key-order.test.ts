import { describe, expect, test } from '@jest/globals';
import { KeyOrder, redeliveryDelay, type Entry } from '@rollbook/shared/message-feed/key-order';
import { PARTITIONS, partitionOf } from '@rollbook/shared/message-feed/partition';
import { messageOf } from '../../support/feed-audience.ts';

const holding = (...places: readonly (readonly [key: string, place: number])[]): KeyOrder => {
  const order = new KeyOrder(10);
  for (const [key, place] of places) order.push({ ...messageOf(key, place), place: String(place) }, place);
  return order;
};
const take = (order: KeyOrder, now = 0): Entry => {
  const next = order.next(now);
  if (next === null || typeof next === 'number') throw new Error('Nothing may be handled now');
  return next;
};

describe('The messages of one partition', () => {
  test('are handed out in order, and the handled place follows', () => {
    const order = holding(['anna', 11], ['ben', 12]);
    order.succeeded(take(order));
    expect(order.handled).toBe(11);
    order.succeeded(take(order));
    expect(order.handled).toBe(12);
    expect(order.next(0)).toBeNull();
    expect(order.size).toBe(0);
  });

  test('wait behind a failed one of their person only; the handled place waits too', () => {
    const order = holding(['anna', 11], ['anna', 12], ['ben', 13]);
    order.failed(take(order), 0);
    const ben = take(order);
    expect(ben.place).toBe(13);
    order.succeeded(ben);
    expect(order.handled).toBe(10);
    expect(order.next(0)).toBe(100);
    const again = take(order, 100);
    expect(again.place).toBe(11);
    order.succeeded(again);
    order.succeeded(take(order, 100));
    expect(order.handled).toBe(13);
  });

  test('are taken once, though fetched twice', () => {
    const order = holding(['anna', 11], ['anna', 11]);
    expect(order.size).toBe(1);
    expect(order.fetched).toBe(11);
  });

  test('come again ever later, at most half a minute', () => {
    expect([1, 2, 3, 20].map(redeliveryDelay)).toEqual([100, 200, 400, 30_000]);
  });

  test('of one person are always in the same partition', () => {
    expect(partitionOf('7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11')).toBe(
      partitionOf('7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11'),
    );
    const used = new Set(Array.from({ length: 200 }, (_, n) => partitionOf(`person-${String(n)}`)));
    expect(used.size).toBe(PARTITIONS);
  });
});
