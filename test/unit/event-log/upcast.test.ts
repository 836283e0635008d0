import { describe, expect, test } from '@jest/globals';
import { upcast, type Upcaster } from '@rollbook/shared/event-log/upcast';

const old = { data: { full: 'Ada Lovelace' }, personal: { mail: 'ada@example.com' } };
const steps: Readonly<Record<string, Upcaster>> = {
  'Named@1': ({ data, personal }) => ({ data: { name: data['full'] ?? null }, personal }),
  'Named@2': ({ data, personal }) => ({ data, personal: personal && { email: personal['mail'] ?? null } }),
};

describe('An old event', () => {
  test('is read in the current shape, version by version', () => {
    expect(upcast('Named', 1, 3, old, steps)).toStrictEqual({
      data: { name: 'Ada Lovelace' },
      personal: { email: 'ada@example.com' },
    });
    expect(upcast('Named', 1, 2, old, steps)).toStrictEqual({
      data: { name: 'Ada Lovelace' },
      personal: { mail: 'ada@example.com' },
    });
  });

  test('in its current version stays as it is', () => {
    expect(upcast('Named', 3, 3, old, steps)).toBe(old);
  });

  test('that was erased stays erased', () => {
    expect(upcast('Named', 1, 3, { ...old, personal: null }, steps).personal).toBeNull();
  });

  test('is never changed itself', () => {
    const before = structuredClone(old);
    upcast('Named', 1, 3, old, steps);
    expect(old).toStrictEqual(before);
  });

  test('is a fault where a step is missing', () => {
    expect(() => upcast('Named', 1, 4, old, steps)).toThrow('There is no upcaster for Named@3');
    expect(() => upcast('Other', 1, 2, old, steps)).toThrow('There is no upcaster for Other@1');
  });
});
