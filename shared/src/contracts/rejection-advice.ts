import type { RejectionCode } from './rejections.ts';

/** When an answer of refusal is given, and what its receiver does about it: what `docs/errors.md` says of it. */
export interface Advice {
  readonly given: string;
  readonly remedy: string;
}

const SIGN_IN_AGAIN = 'Sign in again.';
const SEND_AGAIN = 'Send the same request again after `Retry-After`; with the same `Idempotency-Key` it is done once.';
const NEWEST_MAIL = 'Open the link of the newest mail, or ask for another one.';

/** Total: a rejection without advice does not compile. */
export const ADVICE: Readonly<Record<RejectionCode, Advice>> = {
  invalid_input: {
    given: 'Something in the request is missing, unknown, or not of the form that is documented.',
    remedy: 'Correct what the details name; the list at the end says what their codes mean.',
  },
  token_missing: {
    given: 'The route needs a Bearer token, and there is no `Authorization` header.',
    remedy: 'Sign in, and send the access token.',
  },
  token_expired: {
    given: 'The access token is older than `ACCESS_TOKEN_TTL`.',
    remedy: 'Refresh it, and send the request again with the new one.',
  },
  session_ended: {
    given: 'The session was ended: by signing out, a new password, another role or address, deactivation or erasure.',
    remedy: SIGN_IN_AGAIN,
  },
  token_invalid: {
    given: 'The token is not an access token of this service: malformed, forged, or for another audience.',
    remedy: SIGN_IN_AGAIN,
  },
  api_key_invalid: {
    given: 'The API key is not known, was revoked, or is past its `expires_at`.',
    remedy: 'Ask an administrator for another key.',
  },
  invalid_credentials: {
    given: 'There is no such login name, or the password is another one; the answer does not tell which.',
    remedy: 'Correct both, or ask for a new password by `POST /auth/forgot-password`.',
  },
  refresh_token_invalid: {
    given: 'What was sent is not a refresh token of this service.',
    remedy: SIGN_IN_AGAIN,
  },
  refresh_token_expired: {
    given:
      'The refresh token was not used within `REFRESH_IDLE_TTL`, or its session is older than `REFRESH_TOKEN_TTL`.',
    remedy: SIGN_IN_AGAIN,
  },
  refresh_session_ended: {
    given: 'The session was ended, or this token was used before: then it may be stolen, and the session ends with it.',
    remedy: 'Sign in again. Use each refresh token once, and keep the newest one.',
  },
  refresh_in_grace: {
    given: 'The token was used within the last `REFRESH_REUSE_GRACE` seconds: two tabs at once, or a lost answer.',
    remedy: 'Use the tokens of the first answer; the same `Idempotency-Key` gives that answer again.',
  },
  link_expired: {
    given: 'The link of the mail is older than links of its kind live.',
    remedy: 'Ask for another mail.',
  },
  link_used: {
    given: 'The link did its work before, or the account is erased.',
    remedy: 'Nothing is left to do.',
  },
  link_invalid: {
    given: 'The token is no link of this service, or a newer mail, another address or password has replaced it.',
    remedy: NEWEST_MAIL,
  },
  current_password_wrong: {
    given: 'The own password that the request has to prove is another one. It counts as a failed sign-in.',
    remedy: 'Send the password that is in force now.',
  },
  not_invited: {
    given: 'The person has a password already, or the account is not active.',
    remedy: 'Let them ask for a new password, or reactivate the account first.',
  },
  forbidden: {
    given:
      'The role of whoever asks, or the scope of the API key, does not permit this; `GET /v1/roles` is the matrix.',
    remedy: 'Ask somebody who may.',
  },
  foreign_origin: {
    given: 'The refresh token came in a cookie, with an `Origin` that is neither the own nor one of `CORS_ORIGINS`.',
    remedy: 'Use the service from a page of its own origin, or have the origin added to `CORS_ORIGINS`.',
  },
  email_not_verified: {
    given: 'The password is right, and the address of the account was never verified.',
    remedy: 'Open the link of the mail, or ask for another one by `POST /auth/resend-verification`.',
  },
  account_deactivated: {
    given: 'The password is right, and the account is deactivated.',
    remedy: 'Ask a manager or an administrator to reactivate it.',
  },
  not_found: {
    given: 'There is no such path, person, session, picture, key or request.',
    remedy: 'Check the path and the id.',
  },
  hidden: {
    given: 'Whoever asks may not know whether there is something: the very same answer as for nothing.',
    remedy: 'Ask with an account that may see it.',
  },
  method_not_allowed: {
    given: 'The path exists, and the method does not; `Allow` names those that do.',
    remedy: 'Use one of the methods in `Allow`.',
  },
  email_taken: {
    given: 'The address, in any letter case, belongs to an account.',
    remedy: 'Use another address, or ask for a new password of that account.',
  },
  username_taken: {
    given: 'The username belongs to an account.',
    remedy: 'Choose another one, or leave it out: then one is made from the address.',
  },
  email_in_progress: {
    given:
      'Another request has claimed the address and is not done with it; a claim that is not used ends in 2 minutes.',
    remedy: SEND_AGAIN,
  },
  username_in_progress: {
    given:
      'Another request has claimed the username and is not done with it; a claim that is not used ends in 2 minutes.',
    remedy: SEND_AGAIN,
  },
  command_in_progress: {
    given: 'A request with this `Idempotency-Key` came before and is still running.',
    remedy: 'Send it again after `Retry-After`: the answer is that of the first.',
  },
  key_reused: {
    given: 'This `Idempotency-Key` was used within the last 24 hours with another body.',
    remedy: 'Send a new key with a new request.',
  },
  last_admin: {
    given: 'Nobody else would be left who is an administrator and can sign in.',
    remedy: 'Make somebody else an administrator first, and let them sign in.',
  },
  registration_pending: {
    given: 'A registration was to be deactivated whose address nobody has verified.',
    remedy: 'Leave it: it ends by itself. Or erase it with `soft_delete=false`, or activate it first.',
  },
  precondition_failed: {
    given: 'The `ETag` that `If-Match` names is not the current one; the answer carries that one.',
    remedy: 'Read the resource again, and decide again.',
  },
  payload_too_large: {
    given: 'The body is larger than the route takes.',
    remedy: 'Send less.',
  },
  unsupported_media_type: {
    given: 'The content, or what `Content-Type` says of it, is not what the route takes.',
    remedy: 'Send what the detail names.',
  },
  rate_limited: {
    given: 'The person, the API key or, for who is neither, the address has used up its requests of this hour.',
    remedy: 'Wait for `Retry-After`, or until `X-RateLimit-Reset`. Requests that are refused do not lengthen it.',
  },
  too_many_attempts: {
    given: 'The account or the address has used up its attempts, or waits after failures in a row.',
    remedy: 'Wait for `Retry-After`. A new password, by the link of a mail, opens the account at once.',
  },
  hashing_queue_full: {
    given: 'More passwords wait to be looked at than the service takes.',
    remedy: SEND_AGAIN,
  },
  picture_queue_full: {
    given: 'More pictures wait to be encoded than the service takes.',
    remedy: SEND_AGAIN,
  },
  streams_full: {
    given: 'This copy of query-api holds as many streams of events open, or makes as many exports at once, as it can.',
    remedy: 'Try again after `Retry-After`; where it goes on, run more copies.',
  },
  too_many_streams: {
    given: 'This person or API key holds as many streams of events open, or makes as many exports at once, as one may.',
    remedy: 'Close a stream (one can carry several types), or let an export end; then try again after `Retry-After`.',
  },
  picture_missing: {
    given: 'The person has a picture, and it cannot be read where pictures are stored.',
    remedy: 'Try again later, or set the picture again.',
  },
  not_sealed: {
    given: 'A proof is asked for what no checkpoint covers yet.',
    remedy: 'Send the same request again after `Retry-After`: what is new is sealed within a minute.',
  },
  read_model_behind: {
    given: 'What the `Consistency-Token` names has not reached the read model within the time that a query waits.',
    remedy: 'Send the same query again after `Retry-After`.',
  },
  unavailable: {
    given: 'A part that the request needs cannot be reached. Nothing was changed.',
    remedy: SEND_AGAIN,
  },
  reading_unrecorded: {
    given: 'Reading this is itself an event, and the log did not take it. Nothing was shown.',
    remedy: 'Send the same query again after `Retry-After`.',
  },
  reading_unknown: {
    given: 'Reading this is itself an event, and the log did not say whether it has it. Nothing was shown.',
    remedy: 'Send the same query again after `Retry-After`: it is recorded once.',
  },
  audit_not_sealed: {
    given:
      'An export waits at most ten seconds for the checkpoint that it ends with, and the notary signed none in time.',
    remedy: 'Send the same query again after `Retry-After`; if it stays so, look at the projector (`GET /operations`).',
  },
  outcome_unknown: {
    given: 'The connection to the log broke while it was written to, so the change may stand in it.',
    remedy: 'Send the same request with the same `Idempotency-Key`: what was done is found, and not done twice.',
  },
  internal: {
    given: 'A fault of the service. Nothing about it is told but the request id.',
    remedy: 'Report the request id to whoever runs the service.',
  },
};
