import type { IncomingMessage } from 'node:http';
import type { DetailCode } from '../contracts/detail-codes.ts';
import { reject, type Rejection } from '../contracts/rejections.ts';
import { findUnstorable, type Json } from '../kernel/json.ts';
import { fieldOf } from './field-path.ts';
import { findShapeFault, MAX_DEPTH, type ShapeFault } from './json-shape.ts';
import { hasBody, readBody } from './read-body.ts';

/** Largest JSON body, in bytes. */
export const MAX_JSON_BODY = 2 * 1024 * 1024;

/** A parsed body; `value` is undefined when the request has none. */
export interface JsonBody {
  readonly value: Json | undefined;
}

const invalid = (field: string, code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field, code, message }] });

const SHAPE_MESSAGES: Readonly<Record<ShapeFault['code'], string>> = {
  duplicate_field: 'stands here more than once',
  reserved_field: 'is not a known field',
  too_deep: `is nested deeper than ${String(MAX_DEPTH)} levels`,
};

const isAccepted = (header: string | undefined, accepted: readonly string[]): boolean => {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  return (
    accepted.includes(type) &&
    parameters.every((parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter))
  );
};

const parse = (bytes: Buffer): JsonBody | Rejection => {
  let value: Json;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text) as Json;
  } catch {
    return invalid('body', 'malformed_json', 'must be valid JSON in UTF-8');
  }
  const shape = findShapeFault(text);
  if (shape !== null) {
    const code = shape.code === 'reserved_field' ? 'unknown_field' : shape.code;
    return invalid(fieldOf(shape.path, 'body'), code, SHAPE_MESSAGES[shape.code]);
  }
  const unstorable = findUnstorable(value);
  if (unstorable !== null) return invalid(fieldOf(unstorable.path, 'body'), 'unstorable', unstorable.reason);
  return { value };
};

/**
 * Reads a JSON body of at most `MAX_JSON_BODY` bytes. Another content type, charset or a content coding is 415, more
 * bytes are 413, and what is no JSON, says a name twice or cannot be stored is 400 naming the field. 'aborted' when
 * the caller went away: there is nobody to answer.
 */
export const readJsonBody = async (
  request: IncomingMessage,
  accepted: readonly string[],
): Promise<JsonBody | Rejection | 'aborted'> => {
  if (!hasBody(request)) return { value: undefined };
  const coding = request.headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity' || !isAccepted(request.headers['content-type'], accepted)) {
    return reject('unsupported_media_type', {
      details: [{ field: 'Content-Type', code: 'unsupported', message: `must be ${accepted.join(' or ')}` }],
    });
  }
  const bytes = await readBody(request, MAX_JSON_BODY);
  if (bytes === 'aborted') return 'aborted';
  if (bytes === 'too-large') {
    return reject('payload_too_large', {
      details: [{ field: 'body', code: 'too_large', message: `must be at most ${String(MAX_JSON_BODY)} bytes` }],
    });
  }
  return bytes.length === 0 ? { value: undefined } : parse(bytes);
};
