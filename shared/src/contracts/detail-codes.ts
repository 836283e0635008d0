/**
 * What each code of a detail means. Closed: no answer carries a code that is missing here, and `docs/errors.md` lists them.
 */
export const DETAIL_CODES = {
  required: 'It is missing.',
  unknown_field: 'It is not known here.',
  invalid_type: 'It is of another type.',
  invalid_value: 'It is none of the values that are taken.',
  invalid_format: 'It has not the form that is documented.',
  too_small: 'It is too short, or too small a number.',
  too_big: 'It is too long, or too great a number.',
  length: 'It has fewer or more characters than are taken.',
  unsafe_character: 'It holds a control character, or one that turns the direction of writing.',
  malformed_json: 'The body is not JSON.',
  malformed: 'It cannot be read as what it should be.',
  duplicate_field: 'The body names it twice.',
  too_deep: 'It is nested too deeply.',
  too_large: 'It is too large.',
  too_broad: 'A list takes too long with it: too many match, or they are hard to find.',
  repeated: 'A parameter stands in the query twice.',
  conflict: 'It contradicts another parameter.',
  one_of: 'Exactly one of several fields has to be there.',
  unstorable:
    'It cannot be kept as it is: a whole number beyond ±(2^53−1), or text with U+0000 or half a surrogate pair.',
  invalid_email: 'It is not an address that mail can go to.',
  unknown_role: 'There is no such role.',
  unknown_portal: 'There is no such portal in `PORTALS`.',
  too_short: 'The password is too short.',
  too_long: 'The password is too long.',
  uppercase: 'The password has no uppercase letter.',
  lowercase: 'The password has no lowercase letter.',
  digit: 'The password has no digit.',
  special: 'The password has no character that is neither letter nor digit.',
  common: 'The password is one that many people have.',
  not_in_future: 'The time has to lie in the future.',
  in_future: 'The time or the position is still to come.',
  other_log: 'It was given out for another event log.',
  too_many_pixels: 'The picture has more pixels than are taken.',
  unsupported: 'The content type is not taken.',
  forbidden: 'This very field may not be changed by whoever asks.',
  token_missing: 'There is no token.',
  token_expired: 'The time of the token is over.',
  token_used: 'The link was used before.',
  token_invalid: 'It is no token that is taken here.',
  session_ended: 'The session of the token has ended.',
  invalid_credentials: 'There is no such account with this password.',
  wrong: 'It is not the current password.',
  foreign_origin: 'The page that asks is of another origin.',
  taken: 'Somebody else has it.',
  in_progress: 'A request with it is still under way.',
  reused: 'It was used for another request.',
  down: 'The part of the service that is named does not answer.',
} as const;
export type DetailCode = keyof typeof DETAIL_CODES;

export const isDetailCode = (code: unknown): code is DetailCode =>
  typeof code === 'string' && Object.hasOwn(DETAIL_CODES, code);

/** What a rule of our own in a zod schema carries as `params`. */
export interface DetailParams {
  readonly code: DetailCode;
}
