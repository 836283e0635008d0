import { parseCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { CLAIM_TYPES, claimsOf, NO_CLAIMS, withClaim, type Claims } from '@rollbook/shared/audit/claims';
import { parseNote } from '@rollbook/shared/audit/signed-note';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { Beginning } from './begin.ts';

/** Leaves looked through at once: many only where the last checkpoint does not say what was a claim. */
const PAGE = 100_000;

// As isClaim has it.
const CLAIMS = `
  select leaf from read_model.audit_index
  where leaf >= $1 and leaf < $2
    and (stream like 'emailclaim-%' or stream like 'usernameclaim-%' or type = any ($3))
  order by leaf`;

/**
 * Which of the first `size` leaves are claims. It goes on from what the last checkpoint says of them, which must be known
 * to be a beginning of these leaves; so it costs what was added since.
 */
export const readClaims = async (pool: Pool, last: Beginning['last'], size: number): Promise<Claims> => {
  const checkpoint = parseCheckpoint(parseNote(last?.data.note ?? '')?.text ?? '');
  const signed = checkpoint && claimsOf(checkpoint);
  let claims = signed ?? NO_CLAIMS;
  for (let from = signed ? checkpoint.size : 0; from < size; from += PAGE) {
    const { rows } = await pool.query<{ leaf: string }>(CLAIMS, [from, Math.min(from + PAGE, size), CLAIM_TYPES]);
    for (const { leaf } of rows) claims = withClaim(claims, Number(leaf));
  }
  return claims;
};
