import type { IncomingMessage } from 'node:http';
import { isRejection, type Rejection } from '../contracts/rejections.ts';
import type { Sender } from '../request-limits/request-counter.ts';
import { looseBearer, readBearer } from './bearer.ts';
import type { TokenUse } from './endpoint.ts';

/** What a look at a token tells. */
export interface BearerLook {
  /** Whom the request counts to; null: to the address. */
  readonly sender: Sender | null;
  readonly refused?: Rejection | undefined;
}

/**
 * A look at a token before the rest of the request is read, so that a caller without a valid one learns nothing but
 * that. It may be the whole authority or only the signature; the handler asks the authority in any case. `address`: of the
 * caller, as `origin.ts` reads it.
 */
export type BearerCheck = (bearer: string, address: string | null) => Promise<BearerLook> | BearerLook;

interface Looked extends BearerLook {
  /** The token as sent, or null. */
  readonly bearer: string | null;
  /** What the check threw: the request is counted before it is told. */
  readonly fault?: { readonly cause: unknown };
}

/** Reads the token as far as the route wants it, and whom the request counts to by it. */
export const lookAtToken = async (
  use: TokenUse,
  { request, address }: { readonly request: IncomingMessage; readonly address: string | null },
  check: BearerCheck | undefined,
): Promise<Looked> => {
  const { headers } = request;
  const read = readBearer(headers.authorization, use);
  if (isRejection(read)) return { bearer: null, sender: null, refused: read };
  const { bearer } = read;
  if (bearer === null) return { bearer: looseBearer(headers.authorization), sender: null };
  if (!check) return { bearer, sender: null };
  try {
    return { bearer, ...(await check(bearer, address)) };
  } catch (cause) {
    return { bearer, sender: null, fault: { cause } };
  }
};
