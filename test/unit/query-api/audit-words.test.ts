import { expect, test } from '@jest/globals';
import { EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { wordsOf } from '../../../query-api/src/audit/words.ts';

test('Every event of the log is said in words of its own', () => {
  const unknown = wordsOf('FromTheFuture');
  const words = EVENTS.map(({ type }) => [type, wordsOf(type)] as const);
  expect(words.filter(([, said]) => said === unknown)).toStrictEqual([]);
  expect(new Set(words.map(([, said]) => said)).size).toBe(words.length);
});
