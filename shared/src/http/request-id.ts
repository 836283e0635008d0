import type { IncomingMessage } from 'node:http';
import type { Random } from '../kernel/random.ts';

const WELL_FORMED = /^[A-Za-z0-9._-]{1,64}$/;

/** The id as the caller sent it when it is well-formed (1-64 of `A-Z a-z 0-9 . _ -`), else null. */
export const wellFormedId = (header: string | undefined): string | null =>
  header !== undefined && WELL_FORMED.test(header) ? header : null;

/** A fresh request id: `req_` and 128 random bits. */
export const newRequestId = (random: Random): string => `req_${random.bytes(16).toString('base64url')}`;

/** Gives each request its id, and the same one whenever it is asked: as sent when well-formed, else a fresh one. */
export const requestIds = (random: Random): ((request: IncomingMessage) => string) => {
  const ids = new WeakMap<IncomingMessage, string>();
  return (request) => {
    const known = ids.get(request);
    if (known !== undefined) return known;
    const sent = request.headers['x-request-id'];
    const id = wellFormedId(typeof sent === 'string' ? sent : undefined) ?? newRequestId(random);
    ids.set(request, id);
    return id;
  };
};
