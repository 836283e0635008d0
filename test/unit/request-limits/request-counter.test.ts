import { describe, expect, test } from '@jest/globals';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { RequestCounter, type Sender } from '@rollbook/shared/request-limits/request-counter';

const masterKeys = [{ id: 'm1', secret: Buffer.alloc(32, 7) }];
const id = '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11';
const person: Sender = { kind: 'person', id };

describe('What counts requests', () => {
  test('is one for both APIs of a process, and tells a person from a key of the same id', async () => {
    const limits = memoryRequestLimits();
    const [commandApi, queryApi] = [1, 2].map(
      () => new RequestCounter({ limits, masterKeys, perHour: 2, anonymousPerHour: 1 }),
    );
    expect((await commandApi?.count(person, null))?.remaining).toBe(1);
    expect((await queryApi?.count(person, '192.0.2.1'))?.remaining).toBe(0);
    expect((await commandApi?.count(person, null))?.isOver).toBe(true);
    expect((await queryApi?.count({ kind: 'api-key', id, perHour: null }, null))?.remaining).toBe(1);
  });

  test('forgets whoever the log says was erased, and nobody else', async () => {
    const counter = new RequestCounter({ limits: memoryRequestLimits(), masterKeys, perHour: 1, anonymousPerHour: 1 });
    const other: Sender = { kind: 'person', id: 'a0d1f6a2-1111-4222-8333-444455556666' };
    for (const sender of [person, other, null]) await counter.count(sender, null);
    const { erasures } = counter;
    erasures.begin(0);
    expect(erasures.types).toStrictEqual(['PersonErased']);
    erasures.note({ stream: `user-${id}` } as StoredEvent, 0);
    expect((await counter.count(person, null))?.isOver).toBe(false);
    expect((await counter.count(other, null))?.isOver).toBe(true);
    expect((await counter.count(null, null))?.isOver).toBe(true);
  });
});
