import { describe, expect, test } from '@jest/globals';
import { kindsStillDead, mailMessageOf } from '../../../mailer-worker/src/dead-letters/still-dead.ts';

const DAY = 86_400_000;
const time = '2026-01-02T03:04:05.678Z';
const message = {
  id: '00000000-0000-4000-8000-000000000001',
  key: '00000000-0000-4000-8000-000000000002',
  type: 'rollbook.user.email-change-requested.v1',
  position: '1',
  time,
  data: {},
  place: '0:1',
};
const [one, other] = ['confirm-email-change', 'email-change-requested'] as const;
const after = (days: number): number => Date.parse(time) + days * DAY;

describe('A dead letter', () => {
  test('of which one mail was sent and one died stands for the dead one', () => {
    expect(
      kindsStillDead(
        message,
        new Map([
          [one, 'dead'],
          [other, 'sent'],
        ] as const),
        after(1),
      ),
    ).toEqual([one]);
  });

  test('is none any more when its mails wait again or came to another end', () => {
    expect(
      kindsStillDead(
        message,
        new Map([
          [one, 'waiting'],
          [other, 'expired'],
        ] as const),
        after(1),
      ),
    ).toEqual([]);
  });

  test('stands for all its mails when the inbox was lost, but not after 30 days', () => {
    expect(kindsStillDead(message, new Map(), after(29))).toEqual([one, other]);
    expect(kindsStillDead(message, new Map(), after(30))).toEqual([]);
    expect(kindsStillDead({ ...message, time: 'yesterday' }, new Map(), after(1))).toEqual([]);
  });

  test('that asks for no mail is told from one that does', () => {
    const read = (changes: object | null) =>
      mailMessageOf({ message: changes && { ...message, ...changes }, place: '0:1', reason: 'x', deadAt: 0 });
    expect(read({})).toEqual(message);
    expect([null, { id: '7' }, { key: '7' }, { type: 'rollbook.user.registered.v1' }].map(read)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
