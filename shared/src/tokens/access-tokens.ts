import { hash } from 'node:crypto';
import { z } from 'zod';
import { ROLES, type Role } from '../contracts/roles.ts';
import { forgetOldest } from '../kernel/forget-oldest.ts';
import type { NamedKey } from '../kernel/named-key.ts';
import { firstKey, judgeAt, signJwt, verifySigned, verifyStrictly, type Verified } from './strict-jwt.ts';

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

/** Tokens that a verifier knows again. */
const MOST_KNOWN = 2_000;

/** Checks tokens; needs public keys only, so whoever holds this cannot make one. */
export class TokenVerifier {
  readonly #keys: readonly NamedKey[];
  readonly #rules: AccessTokenRules;
  /** What tokens say whose signature was found good, by their digest: the oldest goes first, and what has expired. */
  readonly #known = new Map<string, AccessClaims>();

  constructor(publicKeys: readonly NamedKey[], rules: AccessTokenRules) {
    this.#keys = publicKeys;
    this.#rules = rules;
  }

  /** `now` in ms since 1970. A token's claims say who asks, not what they may: see `person/authority.ts`. */
  access(token: string, now: number): Verified<AccessClaims> {
    const digest = hash('sha256', token, 'base64');
    const judged = judgeAt(this.#known.get(digest) ?? this.#signed(token, digest), now);
    // It names a person and a session.
    if (judged.outcome === 'expired') this.#known.delete(digest);
    return judged;
  }

  /** A command asks for the same token three times, and whoever comes once comes again. */
  #signed(token: string, digest: string): AccessClaims | null {
    const rules = { ...this.#rules, algorithm: 'RS256', keys: this.#keys, claims: AccessClaims } as const;
    const claims = verifySigned(token, rules);
    if (claims === null) return null;
    this.#known.set(digest, claims);
    forgetOldest(this.#known, MOST_KNOWN);
    return claims;
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
