import { ERROR_STATUS, REJECTIONS, type Detail, type Rejection } from '../contracts/rejections.ts';
import type { JsonObject } from '../kernel/json.ts';

/** An error as it goes out: status, headers and the one envelope of all services. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** What an error says of its own occasion. */
export interface Occasion {
  readonly requestId: string;
  /** RFC 3339 UTC. */
  readonly timestamp: string;
}

type TableAnswer = (typeof REJECTIONS)[keyof typeof REJECTIONS] & {
  readonly detail?: Detail;
  readonly retryAfter?: number;
};

const CHALLENGE = 'Bearer realm="rollbook"';

const challenge = (rejection: Rejection): string =>
  rejection.rejection === 'token_expired' ||
  rejection.rejection === 'session_ended' ||
  rejection.rejection === 'token_invalid' ||
  rejection.rejection === 'api_key_invalid'
    ? `${CHALLENGE}, error="invalid_token"`
    : CHALLENGE;

/** The answer for a rejection, by the table of `contracts/rejections.ts`. Every 401 carries a challenge (RFC 9110). */
export const errorAnswer = (rejection: Rejection, occasion: Occasion): ErrorAnswer => {
  const entry: TableAnswer = REJECTIONS[rejection.rejection];
  const status = ERROR_STATUS[entry.error];
  const retryAfter = rejection.retryAfter ?? entry.retryAfter;
  const details = rejection.details ?? (entry.detail === undefined ? [] : [entry.detail]);
  return {
    status,
    headers: {
      ...(status === 401 ? { 'WWW-Authenticate': challenge(rejection) } : {}),
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(rejection.etag === undefined ? {} : { ETag: rejection.etag }),
    },
    body: {
      error: {
        code: entry.error,
        message: rejection.message ?? entry.message,
        details: details.map(({ field, code, message }) => ({ field, code, message })),
        timestamp: occasion.timestamp,
        request_id: occasion.requestId,
      },
    },
  };
};
