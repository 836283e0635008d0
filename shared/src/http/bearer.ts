import { reject, type Rejection } from '../contracts/rejections.ts';
import type { TokenUse } from './endpoint.ts';

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
/** Longest token that is looked at, in characters. */
const MAX_TOKEN = 4096;

/**
 * The bearer token of an `Authorization` header, null where none is needed and none is there. A header that is no
 * bearer token is refused wherever it matters; its signature is checked elsewhere.
 */
export const readBearer = (
  header: string | undefined,
  use: TokenUse,
): { readonly bearer: string | null } | Rejection => {
  if (use === 'ignored') return { bearer: null };
  if (header === undefined) return use === 'required' ? reject('token_missing') : { bearer: null };
  const token = BEARER.exec(header.trim())?.[1];
  return token === undefined || token.length > MAX_TOKEN ? reject('token_invalid') : { bearer: token };
};

/** As `readBearer`, for a route that ignores tokens: what looks like one is handed over, anything else is not there. */
export const looseBearer = (header: string | undefined): string | null => {
  const token = header === undefined ? undefined : BEARER.exec(header.trim())?.[1];
  return token === undefined || token.length > MAX_TOKEN ? null : token;
};
