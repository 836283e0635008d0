import { describe, expect, test } from '@jest/globals';
import { isDue, SEALING } from '../../../projector/src/notary/due.decide.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1_000).toISOString();
const some = { events: 3, oldest: at(1), exported: false };

describe('A checkpoint is due', () => {
  test.each([
    ['not while nothing is new, however long', { events: 0, oldest: null, exported: false }, NOW - 1e9, false],
    ['not for a few events of a moment ago', some, NOW, false],
    ['once the oldest of them is 50 seconds old', { ...some, oldest: at(50) }, NOW, true],
    ['not a second earlier', { ...some, oldest: at(49) }, NOW - 49_000, false],
    [
      'after 50 seconds by our own clock, where the writer’s is ahead',
      { ...some, oldest: at(-3_600) },
      NOW - 50_000,
      true,
    ],
    ['for a thousand events at once', { ...some, events: 1_000 }, NOW, true],
    ['not for 999', { ...some, events: 999 }, NOW, false],
    ['at once when somebody exports everything', { ...some, events: 1, exported: true }, NOW, true],
  ])('%s', (_, unsealed, noticedAt, due) => {
    expect(isDue(unsealed, SEALING, NOW, noticedAt)).toBe(due);
  });
});
