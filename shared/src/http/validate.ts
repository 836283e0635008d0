import type { z } from 'zod';
import { isDetailCode, type DetailCode } from '../contracts/detail-codes.ts';
import { reject, type Detail, type Rejection } from '../contracts/rejections.ts';
import { fieldOf } from './field-path.ts';

/** Most details in one error. */
const MAX_DETAILS = 50;

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown => {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
};

/** What an issue of zod's is called here: total, so that no name of zod's goes over the wire unless it is ours too. */
const CODE_OF: Readonly<Record<Exclude<z.core.$ZodIssue['code'], 'custom' | 'unrecognized_keys'>, DetailCode>> = {
  invalid_type: 'invalid_type',
  invalid_value: 'invalid_value',
  invalid_format: 'invalid_format',
  too_small: 'too_small',
  too_big: 'too_big',
  not_multiple_of: 'invalid_value',
  invalid_union: 'malformed',
  invalid_key: 'malformed',
  invalid_element: 'malformed',
};

const codeOf = (issue: Exclude<z.core.$ZodIssue, { code: 'unrecognized_keys' }>): DetailCode => {
  if (issue.code !== 'custom') return CODE_OF[issue.code];
  const code: unknown = issue.params?.['code'];
  return isDetailCode(code) ? code : 'invalid_format';
};

const detailsOf = (issue: z.core.$ZodIssue, input: unknown, whole: string): readonly Detail[] => {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, key], whole),
      code: 'unknown_field',
      message: 'is not known here',
    }));
  }
  const field = fieldOf(issue.path, whole);
  if (issue.code !== 'custom' && valueAt(input, issue.path) === undefined)
    return [{ field, code: 'required', message: 'is required' }];
  return [{ field, code: codeOf(issue), message: issue.message }];
};

/**
 * Checks a value against a schema; a refusal names every field with its path. A rule of our own (`custom` issue) may
 * carry its detail code as `params.code` (`DetailParams`); without one it is `invalid_format`. `whole` names the value
 * itself.
 */
export const validate = (schema: z.ZodType, input: unknown, whole: string): { readonly value: unknown } | Rejection => {
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  const details = result.error.issues.flatMap((issue) => detailsOf(issue, input, whole));
  return reject('invalid_input', { details: details.slice(0, MAX_DETAILS) });
};
