import { meansApiKey } from '@rollbook/shared/api-key/api-key-text';
import type { ApiKeys, ServiceCaller } from '@rollbook/shared/api-key/api-keys';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { callerOf, type Authority, type Caller, type RecentEndings } from '@rollbook/shared/person/authority';
import type { Pool } from '@rollbook/shared/sql/pool';
import { isKnownAsRevoked } from './judge-api-key.ts';
import { judgeSession } from './judge-session.ts';

/**
 * What a query cannot do without: `log` where it reads the log or writes into it, so that it answers 503 while the log
 * is away; else `read-model`.
 */
export type Needs = 'read-model' | 'log';

/** Who asks a query: somebody signed in, or another service by its API key. */
export type Reader = Caller | ServiceCaller;

export const isService = (reader: Reader): reader is ServiceCaller => 'kind' in reader;

export interface QueryAuthorityParts {
  readonly authority: Authority;
  readonly apiKeys: ApiKeys;
  readonly recent: RecentEndings | null;
  /** Of the read models. */
  readonly pool: Pool;
  /** ACCESS_TOKEN_TTL in ms. */
  readonly accessTtl: number;
}

/**
 * Who asks a query. While the log cannot be reached, queries that only read a read model go on: the caller is then who
 * the read model of sessions says is signed in, and at most until the token's `exp`. An API key that was let in less
 * than ACCESS_TOKEN_TTL ago goes on as long, unless the read model of keys says that it was revoked.
 */
export class QueryAuthority {
  readonly #parts: QueryAuthorityParts;

  constructor(parts: QueryAuthorityParts) {
    this.#parts = parts;
  }

  /** The caller, or why they are not let in (401). Throws StoreUnavailable where nobody can tell. */
  async look(bearer: string | null, needs: Needs = 'read-model'): Promise<Reader | Rejection> {
    const { authority, apiKeys, recent } = this.#parts;
    // The log is known to be away: no request waits for it in vain.
    if (needs === 'read-model' && (await recent?.watch.isAway())) return this.#lookWithoutLog(bearer);
    try {
      return await (bearer !== null && meansApiKey(bearer) ? apiKeys.look(bearer) : authority.look(bearer));
    } catch (fault) {
      if (needs === 'log' || !(fault instanceof StoreUnavailable)) throw fault;
      return this.#lookWithoutLog(bearer);
    }
  }

  /** When a token that was let in expires, in ms since 1970, whatever leeway others give it; null for an API key. */
  expiryOf(bearer: string | null): number | null {
    if (bearer === null || meansApiKey(bearer)) return null;
    const claims = this.#parts.authority.identify(bearer);
    return isRejection(claims) ? null : claims.exp * SECOND;
  }

  async #lookWithoutLog(bearer: string | null): Promise<Reader | Rejection> {
    const { authority, pool } = this.#parts;
    if (bearer !== null && meansApiKey(bearer)) return this.#recallKey(bearer);
    const claims = authority.identify(bearer);
    if (isRejection(claims)) return claims;
    const verdict = await judgeSession(pool, claims);
    if (verdict === 'unknown') throw new StoreUnavailable('The log is away, and the read model does not know');
    return verdict === 'ended' ? reject('session_ended') : callerOf(claims);
  }

  async #recallKey(bearer: string): Promise<ServiceCaller | Rejection> {
    const { apiKeys, pool, accessTtl } = this.#parts;
    const service = apiKeys.recall(bearer, accessTtl);
    if (service === null) throw new StoreUnavailable('The log is away, and this key was not looked at of late');
    if (isRejection(service)) return service;
    return (await isKnownAsRevoked(pool, service.id)) ? reject('api_key_invalid') : service;
  }
}
