import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { isPlainLoopback, ownOrigins } from '@rollbook/shared/http/browser-origins';
import { cookieValues, setCookie } from '@rollbook/shared/http/cookies';
import type { Answer, Refusal, RequestContext } from '@rollbook/shared/http/endpoint';
import type { JsonObject } from '@rollbook/shared/kernel/json';

type Sent = Pick<RequestContext, 'browserOrigin' | 'cookies'>;

/**
 * The refresh token as a cookie, which no script of the page can read. It is taken only from a page of our own origin or
 * a listed one: browsers say which page asks, and send the cookie to whoever asks.
 */
export class RefreshCookie {
  readonly #name: string;
  readonly #secure: boolean;
  readonly #trusted: ReadonlySet<string>;

  /** `listed`: CORS_ORIGINS. */
  constructor(publicUrl: string, listed: ReadonlySet<string>) {
    // Browsers take neither the prefix nor Secure from plain http; on loopback there is nothing to listen in on.
    this.#secure = !isPlainLoopback(publicUrl);
    this.#name = this.#secure ? '__Host-rollbook_refresh' : 'rollbook_refresh';
    this.#trusted = new Set([...ownOrigins(publicUrl), ...listed]);
  }

  /** Whether there is one, from wherever. */
  isIn({ cookies }: Sent): boolean {
    return this.#values(cookies).length > 0;
  }

  /** Whether the page that asks may use it. */
  mayRead({ browserOrigin }: Sent): boolean {
    return browserOrigin !== null && this.#trusted.has(browserOrigin);
  }

  /** The token; null where there is no cookie. Two of one name are none that we set. */
  read(sent: Sent): { readonly token: string } | Rejection | null {
    const [token, ...more] = this.#values(sent.cookies);
    if (token === undefined) return null;
    if (!this.mayRead(sent)) return reject('foreign_origin');
    return more.length > 0 ? reject('refresh_token_invalid') : { token };
  }

  /** Moves the refresh token of an answer from its body into the cookie. */
  carry(answer: Answer & { readonly body: JsonObject }): Answer {
    const { refresh_token: value, refresh_expires_in: maxAge } = answer.body;
    const cookie = setCookie({
      name: this.#name,
      secure: this.#secure,
      value: typeof value === 'string' ? value : '',
      maxAge: Number(maxAge),
    });
    return {
      ...answer,
      body: { ...answer.body, refresh_token: null },
      headers: { ...answer.headers, 'Set-Cookie': cookie },
    };
  }

  /** For an answer after which the cookie is worth nothing. */
  get forgotten(): Readonly<Record<string, string>> {
    return { 'Set-Cookie': setCookie({ name: this.#name, secure: this.#secure, value: '', maxAge: 0 }) };
  }

  /** A refusal of the token that the cookie held: what can never work again is forgotten. */
  refused(rejection: Rejection): Rejection | Refusal {
    const isDead = ['refresh_token_invalid', 'refresh_token_expired', 'refresh_session_ended'];
    return isDead.includes(rejection.rejection) ? { ...rejection, headers: this.forgotten } : rejection;
  }

  #values(cookies: string | null): readonly string[] {
    return cookieValues(cookies, this.#name).filter((value) => value !== '');
  }
}
