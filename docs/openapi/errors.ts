import { ADVICE } from '@rollbook/shared/contracts/rejection-advice';
import {
  ERROR_STATUS,
  REJECTIONS,
  type Detail,
  type ErrorCode,
  type Rejection,
  type RejectionCode,
} from '@rollbook/shared/contracts/rejections';
import { errorAnswer } from '@rollbook/shared/http/error-body';
import { z } from 'zod';

/** The envelope of every error of every service. */
export const ErrorEnvelope = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      details: z.array(
        z.strictObject({
          field: z.string().meta({ description: 'A path with dots, a query parameter, or a header.' }),
          code: z.string(),
          message: z.string(),
        }),
      ),
      timestamp: z.string().meta({ format: 'date-time' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' });

/** Which rejection shows a code of the wire best where an operation names none itself. */
const USUAL: Readonly<Record<ErrorCode, RejectionCode>> = {
  VALIDATION_ERROR: 'invalid_input',
  UNAUTHORIZED: 'token_expired',
  FORBIDDEN: 'forbidden',
  EMAIL_NOT_VERIFIED: 'email_not_verified',
  ACCOUNT_DEACTIVATED: 'account_deactivated',
  NOT_FOUND: 'not_found',
  METHOD_NOT_ALLOWED: 'method_not_allowed',
  CONFLICT: 'command_in_progress',
  LAST_ADMIN: 'last_admin',
  PRECONDITION_FAILED: 'precondition_failed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  UNPROCESSABLE_ENTITY: 'key_reused',
  RATE_LIMIT_EXCEEDED: 'rate_limited',
  INTERNAL_SERVER_ERROR: 'internal',
  SERVICE_UNAVAILABLE: 'unavailable',
};

const OCCASION = { requestId: 'req_5f0c2b7e9d1a4c38', timestamp: '2026-01-02T03:04:05.678Z' };
const INVALID: readonly Detail[] = [
  { field: 'email', code: 'invalid_email', message: 'must be a valid email address' },
];

/** What some rejections say of their own occasion. */
const OCCASIONAL: Partial<Record<RejectionCode, Omit<Rejection, 'rejection'>>> = {
  invalid_input: { details: INVALID },
  rate_limited: { message: 'Rate limit exceeded. Try again in 3600 seconds.', retryAfter: 3_600 },
};

const exampleOf = (code: ErrorCode) => {
  const rejection = USUAL[code];
  const { body } = errorAnswer({ rejection, ...OCCASIONAL[rejection] }, OCCASION);
  return { summary: ADVICE[rejection].given, value: body };
};

const headersOf = (status: number): readonly string[] => [
  'X-Request-Id',
  ...(status === 401 ? ['WWW-Authenticate'] : []),
  ...(status === 412 ? ['ETag'] : []),
  ...(status === 409 || status === 429 || status === 503 ? ['Retry-After'] : []),
];

export interface ErrorAnswerParts {
  readonly status: number;
  readonly description: string;
  readonly headers: readonly string[];
  readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: object }>>;
}

/** One answer for each status that these codes have, with an example for each code. */
export const errorAnswers = (codes: readonly ErrorCode[]): readonly ErrorAnswerParts[] => {
  const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code]);
  return [...byStatus].map(([status, same]) => ({
    status,
    description: same.map((code) => `\`${code}\`: ${REJECTIONS[USUAL[code]].message}`).join(' '),
    headers: headersOf(status),
    examples: Object.fromEntries(same.map((code) => [code, exampleOf(code)])),
  }));
};
