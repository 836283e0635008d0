import { createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { DAY, HOUR } from '../kernel/clock.ts';
import type { NamedKey, NamedSecret } from '../kernel/named-key.ts';
import { firstKey, signJwt, verifyStrictly, type Verified } from './strict-jwt.ts';

/** What a link in a mail does. A link made for one purpose is worth nothing for another. */
export const LINK_PURPOSES = [
  'verify-email',
  'reject-registration',
  'confirm-email-change',
  'reset-password',
  'accept-invitation',
  'confirm-erasure',
] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** Life of a link in ms, counted from its request's `recordedAt`. `pendingTtl` (ms) is PENDING_TTL. */
export const linkLifetime = (purpose: LinkPurpose, pendingTtl = 7 * DAY): number =>
  ({
    'verify-email': 24 * HOUR,
    'confirm-email-change': 24 * HOUR,
    'reject-registration': pendingTtl,
    'reset-password': HOUR,
    'accept-invitation': 7 * DAY,
    'confirm-erasure': 7 * DAY,
  })[purpose];

export interface LinkSubject {
  readonly purpose: LinkPurpose;
  readonly userId: string;
  /** Id of the event that asked for the mail. */
  readonly requestId: string;
  /** Digest of the address the mail goes to. */
  readonly emailDigest: string;
  /** `recordedAt` of the request, ms since 1970. */
  readonly requestedAt: number;
}

const LinkClaims = z.strictObject({
  iss: z.literal('rollbook'),
  aud: z.literal('rollbook-link'),
  typ: z.literal('link'),
  sub: z.uuid(),
  pur: z.enum(LINK_PURPOSES),
  rid: z.uuid(),
  adr: z.string(),
  iat: z.int(),
  exp: z.int(),
});
export type LinkClaims = z.output<typeof LinkClaims>;

/** Links are derived, not stored: the same request gives the same link. Held by the mailer and the command side. */
export class LinkTokens {
  readonly #keys: readonly NamedKey[];
  readonly #pendingTtl: number;

  /** `pendingTtl` in ms. */
  constructor(secrets: readonly NamedSecret[], pendingTtl: number) {
    this.#keys = secrets.map(({ id, secret }) => ({ id, key: createSecretKey(secret) }));
    this.#pendingTtl = pendingTtl;
  }

  /** ms since 1970 at which a link of this purpose dies. */
  expiry({ purpose, requestedAt }: Pick<LinkSubject, 'purpose' | 'requestedAt'>): number {
    return requestedAt + linkLifetime(purpose, this.#pendingTtl);
  }

  sign(subject: LinkSubject): string {
    const claims: LinkClaims = {
      iss: 'rollbook',
      aud: 'rollbook-link',
      typ: 'link',
      sub: subject.userId,
      pur: subject.purpose,
      rid: subject.requestId,
      adr: subject.emailDigest,
      iat: Math.floor(subject.requestedAt / 1_000),
      exp: Math.floor(this.expiry(subject) / 1_000),
    };
    return signJwt(claims, { algorithm: 'HS256', key: firstKey(this.#keys) });
  }

  /** Signature, form and time only; whether the request is still open is for the person's stream to say. */
  verify(token: string, purpose: LinkPurpose, now: number): Verified<LinkClaims> {
    const rules = { issuer: 'rollbook', audience: 'rollbook-link', claims: LinkClaims, keys: this.#keys } as const;
    const verified = verifyStrictly(token, { ...rules, algorithm: 'HS256', leeway: 0 }, now);
    return verified.outcome !== 'bad' && verified.claims.pur !== purpose ? { outcome: 'bad' } : verified;
  }
}
