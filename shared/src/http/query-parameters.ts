import type { z } from 'zod';
import type { DetailCode } from '../contracts/detail-codes.ts';
import { reject, type Detail, type Rejection } from '../contracts/rejections.ts';
import { fieldOf } from './field-path.ts';
import { validate } from './validate.ts';

const isWellFormed = (text: string): boolean => {
  try {
    return !decodeURIComponent(text.replaceAll('+', ' ')).includes('\u0000');
  } catch {
    return false;
  }
};

const detail = (name: string, code: DetailCode, message: string): Detail => ({
  field: fieldOf([name], 'query'),
  code,
  message,
});

/**
 * The parameters of a query string by the endpoint's schema (a closed object; none: no parameter is known). A
 * parameter that is unknown or stands there twice is 400, naming it.
 */
export const readQuery = (schema: z.ZodType | undefined, search: string): { readonly value: unknown } | Rejection => {
  if (!isWellFormed(search)) {
    return reject('invalid_input', { details: [detail('query', 'malformed', 'must be percent-encoded UTF-8')] });
  }
  const parameters = new URLSearchParams(search);
  const names = [...parameters.keys()];
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const unknown = schema === undefined ? [...new Set(names)] : names.filter((name) => name === '__proto__');
  const faults = [
    ...repeated.map((name) => detail(name, 'repeated', 'must stand here only once')),
    ...unknown.map((name) => detail(name, 'unknown_field', 'is not known here')),
  ];
  if (faults.length > 0) return reject('invalid_input', { details: faults.slice(0, 50) });
  return schema === undefined ? { value: undefined } : validate(schema, Object.fromEntries(parameters), 'query');
};
