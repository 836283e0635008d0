import { describe, expect, test } from '@jest/globals';
import { reject } from '@rollbook/shared/contracts/rejections';
import { Admission } from '@rollbook/shared/http/admission';
import { holdPlace } from '../../../query-api/src/read-model/hold-place.ts';
import type { Reader } from '../../../query-api/src/read-model/query-authority.ts';

const MIA: Reader = { userId: 'mia', sessionId: 's', role: 'auditor' };
const BEN: Reader = { userId: 'ben', sessionId: 's', role: 'auditor' };
const KEY: Reader = { kind: 'service', id: 'mia', scopes: ['audit:read'], rateLimitPerHour: null };

const given = (places: Admission, reader: Reader) => holdPlace(places, reader, () => Promise.resolve({ status: 200 }));
const GOES_ON = { status: 200, after: expect.any(Function) };

describe('Answers that go on, three at once and two of one caller', () => {
  test('are 429 to who has two, however many places are left, and 503 to everybody once all are taken', async () => {
    const places = new Admission(3, 2);
    expect(await given(places, MIA)).toStrictEqual(GOES_ON);
    expect(await given(places, MIA)).toStrictEqual(GOES_ON);
    expect(await given(places, MIA)).toStrictEqual(reject('too_many_streams'));
    // An API key counts for itself, also one whose id reads like somebody's.
    expect(await given(places, KEY)).toStrictEqual(GOES_ON);
    for (const reader of [MIA, BEN, KEY]) expect(await given(places, reader)).toStrictEqual(reject('streams_full'));
  });

  test('give their place back when they end', async () => {
    const places = new Admission(1, 1);
    const answer = await given(places, MIA);
    expect(places.taken).toBe(1);
    if ('after' in answer) await answer.after();
    expect(places.taken).toBe(0);
  });

  test('keep no place when they are refused, or fail', async () => {
    const places = new Admission(1, 1);
    expect(await holdPlace(places, MIA, () => Promise.resolve(reject('audit_not_sealed')))).toStrictEqual(
      reject('audit_not_sealed'),
    );
    expect(places.taken).toBe(0);
    const fault = new Error('the log is away');
    await expect(holdPlace(places, MIA, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(places.taken).toBe(0);
  });
});
