import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { NamedKey } from '../kernel/named-key.ts';

export interface StrictJwtRules<Claims> {
  readonly algorithm: 'RS256' | 'HS256';
  /** By id; for RS256 public keys. */
  readonly keys: readonly NamedKey[];
  /** The claims wanted, `typ` among them. Closed: a claim that is not named here is refused. */
  readonly claims: z.ZodType<Claims>;
  readonly issuer: string;
  readonly audience: string;
  /** Seconds that clocks may differ; default 30. */
  readonly leeway?: number;
}

/** Closed: `crit`, `jwk`, `jku`, `x5u` and the like are refused by their mere presence (RFC 8725, 3.10). */
const Header = z.strictObject({ alg: z.string(), kid: z.string().max(100), typ: z.literal('JWT') });
const Times = z.looseObject({ exp: z.int(), iat: z.int() });

export type Verified<Claims> =
  { readonly outcome: 'good' | 'expired'; readonly claims: Claims } | { readonly outcome: 'bad' };

/**
 * Verifies a compact JWS more strictly than jsonwebtoken alone (RFC 8725): the algorithm, the key and the kind of token
 * are ours to say, never the token's; `exp` and `iat` must be there. `now` is in ms since 1970. Never throws.
 */
export const verifyStrictly = <Claims>(token: string, rules: StrictJwtRules<Claims>, now: number): Verified<Claims> => {
  if (token.length > 8_192) return { outcome: 'bad' };
  const { algorithm, issuer, audience, leeway = 30 } = rules;
  try {
    const decoded = jwt.decode(token, { complete: true });
    const header = Header.safeParse(decoded?.header);
    if (!header.success || header.data.alg !== algorithm) return { outcome: 'bad' };
    const key = rules.keys.find(({ id }) => id === header.data.kid)?.key;
    if (!key) return { outcome: 'bad' };
    const payload = jwt.verify(token, key, { algorithms: [algorithm], issuer, audience, ignoreExpiration: true });
    const times = Times.safeParse(payload);
    const claims = rules.claims.safeParse(payload);
    if (!times.success || !claims.success) return { outcome: 'bad' };
    const seconds = now / 1_000;
    if (times.data.iat > seconds + leeway) return { outcome: 'bad' };
    return { outcome: times.data.exp + leeway <= seconds ? 'expired' : 'good', claims: claims.data };
  } catch {
    // jsonwebtoken tells of a bad signature or form by throwing.
    return { outcome: 'bad' };
  }
};

export interface SignRules {
  readonly algorithm: 'RS256' | 'HS256';
  readonly key: NamedKey;
}

/** Signs claims as they are: times come from the caller, so equal claims give equal tokens. */
export const signJwt = (claims: Readonly<Record<string, unknown>>, { algorithm, key }: SignRules): string =>
  jwt.sign({ ...claims }, key.key, {
    algorithm,
    header: { alg: algorithm, typ: 'JWT', kid: key.id },
  });

export const firstKey = (keys: readonly NamedKey[]): NamedKey => {
  const key = keys[0];
  if (!key) throw new RangeError('A list of keys must not be empty');
  return key;
};
