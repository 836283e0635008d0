import { describe, expect, test } from '@jest/globals';
import { validate } from '@rollbook/shared/http/validate';
import { z } from 'zod';

const refusedWith = (schema: z.ZodType, value: unknown): readonly unknown[] => {
  const result = validate(z.strictObject({ field: schema }), { field: value }, 'body');
  return 'rejection' in result ? (result.details ?? []).map(({ field, code }) => [field, code]) : [];
};

describe('A value that its schema does not take', () => {
  // zod's own names on the left are not all ours: what goes over the wire is in docs/errors.md.
  test.each([
    ['invalid_union', z.union([z.number(), z.literal('system')]), 'nobody', 'field', 'malformed'],
    ['not_multiple_of', z.number().multipleOf(5), 7, 'field', 'invalid_value'],
    ['invalid_key', z.record(z.uuid(), z.string()), { x: 'y' }, 'field.x', 'malformed'],
    ['unrecognized_keys', z.strictObject({}), { x: 1 }, 'field.x', 'unknown_field'],
    ['a rule of ours', z.string().refine(() => false, { params: { code: 'one_of' } }), 'x', 'field', 'one_of'],
    ['a rule of ours without a code', z.string().refine(() => false), 'x', 'field', 'invalid_format'],
    [
      'a code that nobody has',
      z.string().refine(() => false, { params: { code: 'x' } }),
      'x',
      'field',
      'invalid_format',
    ],
  ])('is refused with a code that is explained: %s', (_what, schema, value, field, code) => {
    expect(refusedWith(schema, value)).toStrictEqual([[field, code]]);
  });
});
