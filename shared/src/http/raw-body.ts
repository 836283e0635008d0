import type { IncomingMessage } from 'node:http';
import type { DetailCode } from '../contracts/detail-codes.ts';
import { reject, type Rejection } from '../contracts/rejections.ts';
import type { RawBody } from './endpoint.ts';
import { hasBody, readBody } from './read-body.ts';

const invalid = (code: DetailCode, message: string) => ({ details: [{ field: 'body', code, message }] });

const isAccepted = (header: string | undefined, types: RawBody['types']): boolean => {
  const type = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type.startsWith(types.slice(0, -1)) && /^[a-z0-9.+-]+\/[a-z0-9.+*-]+$/.test(type);
};

/**
 * Reads a body as bytes. Another content type or a content coding is 415, more bytes than declared are 413, none at all
 * is 400. What the bytes are is for the handler to find out: a header proves nothing. 'aborted' when the caller went
 * away.
 */
export const readRawBody = async (
  request: IncomingMessage,
  { types, limit }: Pick<RawBody, 'types' | 'limit'>,
): Promise<Buffer | Rejection | 'aborted'> => {
  if (!hasBody(request)) return reject('invalid_input', invalid('required', 'is required'));
  const coding = request.headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity' || !isAccepted(request.headers['content-type'], types)) {
    return reject('unsupported_media_type', {
      details: [{ field: 'Content-Type', code: 'unsupported', message: `must be ${types}, without a content coding` }],
    });
  }
  const bytes = await readBody(request, limit);
  if (bytes === 'aborted') return 'aborted';
  if (bytes === 'too-large')
    return reject('payload_too_large', invalid('too_large', `must be at most ${String(limit)} bytes`));
  return bytes.length === 0 ? reject('invalid_input', invalid('required', 'is required')) : bytes;
};
