import { expect, test } from '@jest/globals';
import { fromRecord, toRecord } from '@rollbook/shared/message-feed/kafka/cloud-event';

test('A record whose JSON is nested deeper than it can be written again is no message', () => {
  const message = {
    id: '00000000-0000-4000-8000-000000000001',
    key: '00000000-0000-4000-8000-000000000002',
    type: 'rollbook.user.registered.v1',
    position: '1',
    time: '2026-01-01T00:00:00.000Z',
    data: { a: [] },
  };
  const { headers = {} } = toRecord(message);
  const nested = (depth: number) => ({
    key: Buffer.from(message.key),
    value: Buffer.from(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    headers,
  });
  expect(fromRecord(nested(1))).toStrictEqual(message);
  expect(() => fromRecord(nested(100_000))).toThrow('Its data is nested too deeply');
});
