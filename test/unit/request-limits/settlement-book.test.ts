import { describe, expect, test } from '@jest/globals';
import { HOUR, SECOND } from '@rollbook/shared/kernel/clock';
import { SettlementBook } from '@rollbook/shared/request-limits/settlement-book';

const START = Date.UTC(2026, 0, 1);
const END = START + HOUR;
const ann = { name: 'ann', perHour: 100, isAddress: false };
const house = { name: 'house', perHour: 100, isAddress: true };

/** Notes requests one after the other at `now`, the first as the first of its window. */
const note = (book: SettlementBook, sender: typeof ann, times: number, { now = START, first = true } = {}): void => {
  for (let n = 0; n < times; n += 1)
    book.note(sender, { consumedPoints: n + 1, msBeforeNext: END - now, isFirstInDuration: first && n === 0 }, now);
};
/** Settles whoever is due; gives how each is to be corrected when the table then says `count`. */
const settle = (book: SettlementBook, count: number) =>
  book.due(START, 'all').map(({ name }) => book.settled({ name, count, endsAt: END }, START));
const names = (book: SettlementBook, now: number) =>
  book.due(now, 'due').map(({ name, unsettled }) => [name, unsettled]);

describe('What is to be settled', () => {
  test('are people who are new here, and then whoever has used a fiftieth of their limit', () => {
    const book = new SettlementBook();
    note(book, ann, 1);
    expect(names(book, START)).toStrictEqual([['ann', 1]]);
    book.settled({ name: 'ann', count: 1, endsAt: END }, START);
    expect(names(book, START)).toStrictEqual([]);
    note(book, ann, 1, { first: false });
    expect(names(book, START + SECOND)).toStrictEqual([]);
    note(book, ann, 1, { first: false });
    expect(names(book, START + SECOND)).toStrictEqual([['ann', 2]]);
  });

  test('are people with anything after half a minute, so that they are told the truth', () => {
    const book = new SettlementBook();
    note(book, ann, 1);
    book.due(START, 'due');
    book.settled({ name: 'ann', count: 1, endsAt: END }, START);
    note(book, ann, 1, { first: false });
    expect(names(book, START + 29 * SECOND)).toStrictEqual([]);
    expect(names(book, START + 30 * SECOND)).toStrictEqual([['ann', 1]]);
  });

  test('are not the many addresses that come once, but at the end', () => {
    const book = new SettlementBook();
    note(book, house, 1);
    expect(names(book, START + 60 * SECOND)).toStrictEqual([]);
    expect(book.due(START, 'all')).toStrictEqual([{ name: 'house', unsettled: 1, endsAt: END }]);
    note(book, house, 1, { first: false });
    expect(names(book, START)).toStrictEqual([['house', 2]]);
  });

  test('is nothing of a window that is over, and nothing twice', () => {
    const book = new SettlementBook();
    note(book, ann, 5);
    expect(names(book, END)).toStrictEqual([]);
    note(book, house, 5);
    book.due(START, 'due');
    book.settled({ name: 'house', count: 5, endsAt: END }, START);
    expect(names(book, START + 60 * SECOND)).toStrictEqual([]);
  });

  test('is not more than is kept: whoever was noted first goes', () => {
    const book = new SettlementBook({ most: 2 });
    for (const name of ['a', 'b', 'c']) note(book, { ...ann, name }, 1);
    expect(names(book, START)).toStrictEqual([
      ['b', 1],
      ['c', 1],
    ]);
  });

  test('of people is not pushed out by a flood of addresses', () => {
    const book = new SettlementBook({ most: 1 });
    note(book, ann, 4);
    for (const name of ['a', 'b', 'c']) note(book, { ...house, name }, 1);
    expect(names(book, START)).toStrictEqual([['ann', 4]]);
    expect(book.due(START, 'all').map(({ name }) => name)).toStrictEqual(['ann', 'c']);
  });
});

describe('What the table says', () => {
  const settledBook = (): SettlementBook => {
    const book = new SettlementBook();
    note(book, ann, 4);
    book.due(START, 'due');
    return book;
  };

  test('adds what the others counted, and keeps what came meanwhile', () => {
    const book = settledBook();
    note(book, ann, 1, { first: false });
    expect(book.settled({ name: 'ann', count: 10, endsAt: END }, START)).toStrictEqual({ add: 6 });
    expect(book.due(START, 'all')).toMatchObject([{ unsettled: 1 }]);
  });

  test('corrects nothing where nobody else counted, or where the table lost its rows', () => {
    expect(settledBook().settled({ name: 'ann', count: 4, endsAt: END }, START)).toBeNull();
    const book = settledBook();
    book.settled({ name: 'ann', count: 40, endsAt: END }, START);
    note(book, ann, 2, { first: false });
    book.due(START, 'due');
    expect(book.settled({ name: 'ann', count: 2, endsAt: END }, START)).toBeNull();
    note(book, ann, 2, { first: false });
    book.due(START, 'due');
    expect(book.settled({ name: 'ann', count: 45, endsAt: END }, START)).toStrictEqual({ add: 1 });
  });

  test('of whoever was pushed out and came back is not added to what this instance still counts', () => {
    const book = new SettlementBook({ most: 1 });
    note(book, ann, 400);
    expect(settle(book, 400)).toStrictEqual([null]);
    note(book, { ...ann, name: 'ben' }, 1);
    book.note(ann, { consumedPoints: 401, msBeforeNext: HOUR, isFirstInDuration: false }, START);
    expect(settle(book, 401)).toStrictEqual([null]);
    // What others counted meanwhile is.
    book.note(ann, { consumedPoints: 402, msBeforeNext: HOUR, isFirstInDuration: false }, START);
    expect(settle(book, 407)).toStrictEqual([{ add: 5 }]);
  });

  test('of another window counts as it is: the others began earlier', () => {
    const book = settledBook();
    note(book, ann, 1, { first: false });
    expect(book.settled({ name: 'ann', count: 50, endsAt: END - SECOND }, START)).toStrictEqual({ count: 51 });
    expect(book.due(START, 'all')).toMatchObject([{ endsAt: END - SECOND }]);
  });

  test('means nothing when the window ended meanwhile, began anew here, or nobody knows the sender', () => {
    expect(settledBook().settled({ name: 'ann', count: 50, endsAt: START }, START)).toBeNull();
    const anew = settledBook();
    note(anew, ann, 1);
    expect(anew.settled({ name: 'ann', count: 50, endsAt: END }, START)).toBeNull();
    const gone = settledBook();
    gone.forget('ann');
    expect(gone.settled({ name: 'ann', count: 50, endsAt: END }, START)).toBeNull();
  });
});
