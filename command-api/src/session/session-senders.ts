import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { forgetOldest } from '@rollbook/shared/kernel/forget-oldest';
import type { Authority } from '@rollbook/shared/person/authority';
import type { Sender } from '@rollbook/shared/request-limits/request-counter';
import type { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import type { RefreshCookie } from './refresh-cookie.ts';

/** Sessions remembered as over; beyond that the one noted first is forgotten. */
const MOST = 10_000;

export interface SessionSendersParts {
  readonly authority: Pick<Authority, 'identify'>;
  readonly verifier: Pick<TokenVerifier, 'refresh'>;
  readonly refreshCookie: RefreshCookie;
  readonly clock: Clock;
}

/**
 * Whose requests to refresh and to sign out count: the session's person, known by a token of it that verifies and has not
 * expired. A token of a session that is known to be over names nobody: whoever finds one could use up its person's
 * requests with it, as often as they like. Such a request counts to the address.
 */
export class SessionSenders {
  readonly #parts: SessionSendersParts;
  readonly #over = new Set<string>();

  constructor(parts: SessionSendersParts) {
    this.#parts = parts;
  }

  /** By the refresh token in the body, or else in the cookie. */
  ofRefresh(inBody: string | undefined, context: RequestContext): Sender | null {
    if (inBody !== undefined) return this.#ofToken(inBody);
    const cookie = this.#parts.refreshCookie.read(context);
    return cookie === null || isRejection(cookie) ? null : this.#ofToken(cookie.token);
  }

  /** The same, but the access token comes before the cookie. */
  ofLogout(inBody: string | undefined, context: RequestContext): Sender | null {
    if (inBody !== undefined || context.bearer === null) return this.ofRefresh(inBody, context);
    const claims = this.#parts.authority.identify(context.bearer);
    return isRejection(claims) || this.#over.has(claims.sid) ? null : { kind: 'person', id: claims.sub };
  }

  /** What became of a refresh token: a refusal may say that its session is over. */
  noteRefresh(token: string, refusal: Rejection): void {
    const { rejection } = refusal;
    if (rejection !== 'refresh_session_ended' && rejection !== 'refresh_token_invalid') return;
    const sessionId = this.#claimsOf(token)?.sid;
    if (sessionId !== undefined) this.noteOver(sessionId);
  }

  noteOver(sessionId: string): void {
    this.#over.add(sessionId);
    forgetOldest(this.#over, MOST);
  }

  #ofToken(token: string): Sender | null {
    const claims = this.#claimsOf(token);
    return claims === null || this.#over.has(claims.sid) ? null : { kind: 'person', id: claims.sub };
  }

  #claimsOf(token: string) {
    const { verifier, clock } = this.#parts;
    const verified = verifier.refresh(token, clock.now());
    return verified.outcome === 'good' ? verified.claims : null;
  }
}
