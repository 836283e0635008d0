import { z } from 'zod';
import { ROLES, type Role } from '../contracts/roles.ts';
import type { NamedKey } from '../kernel/named-key.ts';
import { firstKey, signJwt, verifyStrictly, type Verified } from './strict-jwt.ts';

export interface AccessTokenRules {
  readonly issuer: string;
  readonly audience: string;
}

const common = {
  iss: z.string(),
  aud: z.string(),
  sub: z.uuid(),
  exp: z.int(),
  iat: z.int(),
  jti: z.uuid(),
  sid: z.uuid(),
};
const AccessClaims = z.strictObject({ ...common, typ: z.literal('access'), ver: z.int().min(0), role: z.enum(ROLES) });
const RefreshClaims = z.strictObject({ ...common, typ: z.literal('refresh'), gen: z.int().min(0) });
export type AccessClaims = z.output<typeof AccessClaims>;
export type RefreshClaims = z.output<typeof RefreshClaims>;

/** Checks tokens; needs public keys only, so whoever holds this cannot make one. */
export class TokenVerifier {
  readonly #keys: readonly NamedKey[];
  readonly #rules: AccessTokenRules;

  constructor(publicKeys: readonly NamedKey[], rules: AccessTokenRules) {
    this.#keys = publicKeys;
    this.#rules = rules;
  }

  /** `now` in ms since 1970. A token's claims say who asks, not what they may: see `person/authority.ts`. */
  access(token: string, now: number): Verified<AccessClaims> {
    return verifyStrictly(token, { ...this.#rules, algorithm: 'RS256', keys: this.#keys, claims: AccessClaims }, now);
  }

  refresh(token: string, now: number): Verified<RefreshClaims> {
    return verifyStrictly(token, { ...this.#rules, algorithm: 'RS256', keys: this.#keys, claims: RefreshClaims }, now);
  }
}

export interface TokenSubject {
  readonly userId: string;
  readonly sessionId: string;
  /** Becomes `jti`. */
  readonly tokenId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Makes tokens. The same subject gives the same token: nothing in it is random or read from a clock. */
export class TokenSigner {
  readonly #key: NamedKey;
  readonly #rules: AccessTokenRules;

  constructor(privateKeys: readonly NamedKey[], rules: AccessTokenRules) {
    this.#key = firstKey(privateKeys);
    this.#rules = rules;
  }

  access(subject: TokenSubject, more: { role: Role; ver: number }): string {
    return this.#sign(subject, { typ: 'access', ...more });
  }

  refresh(subject: TokenSubject, more: { gen: number }): string {
    return this.#sign(subject, { typ: 'refresh', ...more });
  }

  #sign(subject: TokenSubject, more: Readonly<Record<string, unknown>>): string {
    const { userId, sessionId, tokenId, issuedAt, expiresAt } = subject;
    const claims = {
      iss: this.#rules.issuer,
      aud: this.#rules.audience,
      sub: userId,
      exp: expiresAt,
      iat: issuedAt,
      jti: tokenId,
      sid: sessionId,
      ...more,
    };
    return signJwt(claims, { algorithm: 'RS256', key: this.#key });
  }
}
