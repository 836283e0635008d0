import { z } from 'zod';
import type { DetailCode, DetailParams } from '@rollbook/shared/contracts/detail-codes';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';

/** Why a value is refused, with a code of ours for the detail. */
const refuse = (context: z.RefinementCtx, code: DetailCode, message: string): void => {
  context.addIssue({ code: 'custom', params: { code } satisfies DetailParams, message });
};

/** An address that mail can go to. */
export const email = z.string().check((context) => {
  if (canonicalEmail(context.value) === null)
    context.issues.push({
      code: 'custom',
      params: { code: 'invalid_email' } satisfies DetailParams,
      message: 'must be a valid email address of at most 254 characters',
      input: context.value,
    });
});

export const username = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]{1,48})[A-Za-z0-9]$/,
    'must have 3 to 50 of A-Z a-z 0-9 _ -, and may not start or end with _ or -',
  );

/** Cc, the bidi overrides, embeddings and isolates, and line and paragraph separators. */
// eslint-disable-next-line no-control-regex -- naming them is the point
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

/** Free text of 1 to `most` code points that no header, log line or page is put out by. */
export const plainText = (most: number) =>
  z.string().superRefine((value, context) => {
    const length = [...value].length;
    if (length < 1 || length > most) refuse(context, 'length', `must have 1 to ${String(most)} characters`);
    if (UNSAFE.test(value)) refuse(context, 'unsafe_character', 'must not contain control or bidi characters');
  });

export const personName = plainText(100);
export const displayName = plainText(200);

export const phone = z
  .string()
  .regex(
    /^(?=.{7,20}$)\+?[\d\s().-]*$/,
    'must have 7 to 20 characters of digits, space, - ( ) . and optionally a leading +',
  )
  .refine((value) => !/[^\d ().+-]/.test(value) && /\d/.test(value), 'must contain digits');

/** A role in any letter case; `MEMBER` is an old name of `user`. */
export const role = z.string().transform((value, context): Role => {
  const folded = value.toLowerCase();
  const found = ROLES.find((known) => known === (folded === 'member' ? 'user' : folded));
  if (found) return found;
  refuse(context, 'unknown_role', `must be one of ${ROLES.join(', ')}`);
  return z.NEVER;
});

const MOST_PREFERENCES = 16 * 1_024;

export const PREFERENCES_TOO_BIG = 'must have at most 16 KiB as JSON';

/** Whether preferences are no more than a person may have. */
export const fitsPreferences = (value: object): boolean => Buffer.byteLength(JSON.stringify(value)) <= MOST_PREFERENCES;

/** Free JSON of at most 16 KiB. */
export const preferences = z
  .record(z.string(), z.json())
  .refine(fitsPreferences, { params: { code: 'too_large' } satisfies DetailParams, error: PREFERENCES_TOO_BIG })
  .meta({ type: 'object', additionalProperties: true, description: 'At most 16 KiB.' });

/** A site that links lead to, by its name in PORTALS. */
export const portal = (known: ReadonlySet<string>) =>
  z.string().refine((value) => known.has(value), {
    params: { code: 'unknown_portal' } satisfies DetailParams,
    error: 'is not a known portal',
  });

/** A token from a link or an answer: only its size is looked at here. */
export const token = z.string().min(1).max(8_192);

/** The path parameter `{id}` of a person. */
export const userId = z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) });

/** A password to be compared, not set. Longer ones exist nowhere; counted in UTF-16 units. */
export const presentedPassword = z.string().max(1_024);
