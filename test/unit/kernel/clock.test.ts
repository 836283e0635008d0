import { expect, test } from '@jest/globals';
import { fromInstant, toInstant } from '@rollbook/shared/kernel/clock';

test('a time keeps its milliseconds on the way to text and back', () => {
  expect(toInstant(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123Z');
  expect(fromInstant(toInstant(1_700_000_000_123))).toBe(1_700_000_000_123);
});
