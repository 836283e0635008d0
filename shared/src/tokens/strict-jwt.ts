import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { NamedKey } from '../kernel/named-key.ts';

/** What every token says: seconds since 1970. */
export interface Times {
  readonly exp: number;
  readonly iat: number;
}

export interface StrictJwtRules<Claims extends Times> {
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

const LEEWAY = 30;

/** Closed: `crit`, `jwk`, `jku`, `x5u` and the like are refused by their mere presence (RFC 8725, 3.10). */
const Header = z.strictObject({ alg: z.string(), kid: z.string().max(100), typ: z.literal('JWT') });

export type Verified<Claims> =
  { readonly outcome: 'good' | 'expired'; readonly claims: Claims } | { readonly outcome: 'bad' };

/**
 * What a token of ours says, whatever the time. Verifies a compact JWS more strictly than jsonwebtoken alone (RFC 8725):
 * the algorithm, the key and the kind of token are ours to say, never the token's; `exp` and `iat` must be there. null for
 * what is none of ours. Never throws.
 */
export const verifySigned = <Claims extends Times>(token: string, rules: StrictJwtRules<Claims>): Claims | null => {
  if (token.length > 8_192) return null;
  const { algorithm, issuer, audience } = rules;
  try {
    const decoded = jwt.decode(token, { complete: true });
    const header = Header.safeParse(decoded?.header);
    if (!header.success || header.data.alg !== algorithm) return null;
    const key = rules.keys.find(({ id }) => id === header.data.kid)?.key;
    if (!key) return null;
    const payload = jwt.verify(token, key, { algorithms: [algorithm], issuer, audience, ignoreExpiration: true });
    return rules.claims.safeParse(payload).data ?? null;
  } catch {
    // jsonwebtoken tells of a bad signature or form by throwing.
    return null;
  }
};

/** What it is worth at `now` (ms since 1970); `leeway` in seconds. */
export const judgeAt = <Claims extends Times>(
  claims: Claims | null,
  now: number,
  leeway = LEEWAY,
): Verified<Claims> => {
  const seconds = now / 1_000;
  if (claims === null || claims.iat > seconds + leeway) return { outcome: 'bad' };
  return { outcome: claims.exp + leeway <= seconds ? 'expired' : 'good', claims };
};

/** Both at once. */
export const verifyStrictly = <Claims extends Times>(
  token: string,
  rules: StrictJwtRules<Claims>,
  now: number,
): Verified<Claims> => judgeAt(verifySigned(token, rules), now, rules.leeway);

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
