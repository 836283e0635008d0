import type { DetailCode } from './detail-codes.ts';

/** Codes on the wire (`error.code`), and the status each has. */
export const ERROR_STATUS = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  EMAIL_NOT_VERIFIED: 403,
  ACCOUNT_DEACTIVATED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  LAST_ADMIN: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNPROCESSABLE_ENTITY: 422,
  RATE_LIMIT_EXCEEDED: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

interface RejectionAnswer {
  readonly error: ErrorCode;
  readonly message: string;
  /** A detail that every answer of this kind carries. */
  readonly detail?: Detail;
  /** Seconds for `Retry-After`. */
  readonly retryAfter?: number;
}

const answers = <const T extends Record<string, RejectionAnswer>>(table: T): T => table;

const NOTHING_HERE = { error: 'NOT_FOUND', message: 'There is nothing here.' } as const;

/**
 * Every reason for which a request is turned down, and its answer. Total: a reason that is missing here does not
 * compile where it is given.
 */
export const REJECTIONS = answers({
  invalid_input: { error: 'VALIDATION_ERROR', message: 'The request is not valid.' },
  token_missing: {
    error: 'UNAUTHORIZED',
    message: 'Sign in first.',
    detail: { field: 'Authorization', code: 'token_missing', message: 'A Bearer token is required.' },
  },
  token_expired: {
    error: 'UNAUTHORIZED',
    message: 'The access token has expired.',
    detail: { field: 'Authorization', code: 'token_expired', message: 'Refresh the token and try again.' },
  },
  session_ended: {
    error: 'UNAUTHORIZED',
    message: 'The session has ended.',
    detail: { field: 'Authorization', code: 'session_ended', message: 'Sign in again.' },
  },
  token_invalid: {
    error: 'UNAUTHORIZED',
    message: 'The token is not valid.',
    detail: { field: 'Authorization', code: 'token_invalid', message: 'Sign in again.' },
  },
  api_key_invalid: {
    error: 'UNAUTHORIZED',
    message: 'The API key is not valid.',
    detail: {
      field: 'Authorization',
      code: 'token_invalid',
      message: 'Use a key that is neither revoked nor expired.',
    },
  },
  invalid_credentials: {
    error: 'UNAUTHORIZED',
    message: 'The login name or the password is wrong.',
    detail: { field: 'password', code: 'invalid_credentials', message: 'Check the login name and the password.' },
  },
  refresh_token_invalid: {
    error: 'UNAUTHORIZED',
    message: 'The refresh token is not valid.',
    detail: { field: 'refresh_token', code: 'token_invalid', message: 'Sign in again.' },
  },
  refresh_token_expired: {
    error: 'UNAUTHORIZED',
    message: 'The refresh token has expired.',
    detail: { field: 'refresh_token', code: 'session_ended', message: 'Sign in again.' },
  },
  refresh_session_ended: {
    error: 'UNAUTHORIZED',
    message: 'The session has ended.',
    detail: { field: 'refresh_token', code: 'session_ended', message: 'Sign in again.' },
  },
  refresh_in_grace: {
    error: 'CONFLICT',
    message: 'This refresh token was used a moment ago. Use the tokens of that answer.',
    retryAfter: 1,
  },
  link_expired: {
    error: 'VALIDATION_ERROR',
    message: 'The link has expired.',
    detail: { field: 'token', code: 'token_expired', message: 'Ask for a new mail.' },
  },
  link_used: {
    error: 'VALIDATION_ERROR',
    message: 'The link was used already.',
    detail: { field: 'token', code: 'token_used', message: 'Nothing more is to be done with this link.' },
  },
  link_invalid: {
    error: 'VALIDATION_ERROR',
    message: 'The link is not valid.',
    detail: { field: 'token', code: 'token_invalid', message: 'Use the link of the newest mail.' },
  },
  current_password_wrong: {
    error: 'VALIDATION_ERROR',
    message: 'The current password is wrong.',
    detail: { field: 'current_password', code: 'wrong', message: 'is not the current password' },
  },
  not_invited: { error: 'CONFLICT', message: 'This person is not waiting for an invitation.' },
  forbidden: { error: 'FORBIDDEN', message: 'You may not do this.' },
  foreign_origin: {
    error: 'FORBIDDEN',
    message: 'Pages of this origin may not use the refresh cookie.',
    detail: { field: 'Origin', code: 'foreign_origin', message: 'must be our own, or stand in CORS_ORIGINS' },
  },
  email_not_verified: { error: 'EMAIL_NOT_VERIFIED', message: 'Verify the email address first.' },
  account_deactivated: { error: 'ACCOUNT_DEACTIVATED', message: 'This account is deactivated.' },
  not_found: NOTHING_HERE,
  /** Whoever asks may not know whether there is something: the very same answer. */
  hidden: NOTHING_HERE,
  method_not_allowed: { error: 'METHOD_NOT_ALLOWED', message: 'This method is not available here.' },
  email_taken: {
    error: 'CONFLICT',
    message: 'Email already registered',
    detail: { field: 'email', code: 'taken', message: 'Email already registered' },
  },
  username_taken: {
    error: 'CONFLICT',
    message: 'Username already exists',
    detail: { field: 'username', code: 'taken', message: 'Username already exists' },
  },
  email_in_progress: {
    error: 'CONFLICT',
    message: 'Another registration of this address is under way.',
    detail: { field: 'email', code: 'in_progress', message: 'Try again in a moment.' },
    retryAfter: 1,
  },
  username_in_progress: {
    error: 'CONFLICT',
    message: 'Another registration of this username is under way.',
    detail: { field: 'username', code: 'in_progress', message: 'Try again in a moment.' },
    retryAfter: 1,
  },
  command_in_progress: {
    error: 'CONFLICT',
    message: 'The first request with this Idempotency-Key is still running.',
    detail: { field: 'Idempotency-Key', code: 'in_progress', message: 'Try again in a moment.' },
    retryAfter: 1,
  },
  key_reused: {
    error: 'UNPROCESSABLE_ENTITY',
    message: 'This Idempotency-Key was used with another body.',
    detail: { field: 'Idempotency-Key', code: 'reused', message: 'Use a new key for a new request.' },
  },
  last_admin: { error: 'LAST_ADMIN', message: 'The last administrator who can sign in must stay.' },
  registration_pending: {
    error: 'CONFLICT',
    message: 'This registration is not verified yet: there is nothing to deactivate.',
  },
  precondition_failed: { error: 'PRECONDITION_FAILED', message: 'The resource has changed. Read it again.' },
  payload_too_large: { error: 'PAYLOAD_TOO_LARGE', message: 'The body is too large.' },
  unsupported_media_type: { error: 'UNSUPPORTED_MEDIA_TYPE', message: 'This content type is not accepted here.' },
  rate_limited: { error: 'RATE_LIMIT_EXCEEDED', message: 'Rate limit exceeded. Try again later.', retryAfter: 1 },
  too_many_attempts: { error: 'RATE_LIMIT_EXCEEDED', message: 'Too many attempts. Try again later.', retryAfter: 1 },
  hashing_queue_full: { error: 'SERVICE_UNAVAILABLE', message: 'Too many sign-ins at once. Try again.', retryAfter: 2 },
  picture_queue_full: { error: 'SERVICE_UNAVAILABLE', message: 'Too many pictures at once. Try again.', retryAfter: 2 },
  streams_full: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'Too many streams or exports are open here. Try again.',
    retryAfter: 5,
  },
  too_many_streams: {
    error: 'RATE_LIMIT_EXCEEDED',
    message: 'You have too many streams or exports open. Close one first.',
    retryAfter: 5,
  },
  picture_missing: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'The picture is not in its store. Try again.',
    retryAfter: 2,
  },
  read_model_behind: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'The read model has not reached the position of the Consistency-Token yet.',
    retryAfter: 1,
  },
  unavailable: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'A part this needs cannot be reached. Try again.',
    retryAfter: 2,
  },
  reading_unrecorded: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'That this is read could not be recorded, so nothing of it is shown. Try again.',
    retryAfter: 2,
  },
  reading_unknown: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'It is not known whether it was recorded that this is read, so nothing of it is shown. Try again.',
    retryAfter: 2,
  },
  audit_not_sealed: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'The log was not sealed in time, and an export ends with a seal. Try again.',
    retryAfter: 10,
  },
  outcome_unknown: {
    error: 'SERVICE_UNAVAILABLE',
    message: 'It is not known whether this was done. Try again with the same Idempotency-Key.',
    retryAfter: 2,
  },
  not_sealed: {
    error: 'CONFLICT',
    message: 'No checkpoint covers this yet. The next one is signed within a minute.',
    retryAfter: 60,
  },
  internal: { error: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong here. The request id names the case.' },
});
export type RejectionCode = keyof typeof REJECTIONS;

/** One reason on one field. `field` is a JSON path with dots, a query parameter or a header's name. */
export interface Detail {
  readonly field: string;
  readonly code: DetailCode;
  readonly message: string;
}

/** A decision not to do what was asked. A value: faults are exceptions, rejections are not. */
export interface Rejection {
  readonly rejection: RejectionCode;
  /** Replaces the table's own detail. */
  readonly details?: readonly Detail[];
  /** Replaces the table's own. */
  readonly message?: string;
  /** Seconds; replaces the table's own. */
  readonly retryAfter?: number;
  /** The current ETag, for `precondition_failed`. */
  readonly etag?: string;
}

export const reject = (rejection: RejectionCode, more: Omit<Rejection, 'rejection'> = {}): Rejection => ({
  rejection,
  ...more,
});

export const isRejection = (value: object): value is Rejection => 'rejection' in value;
