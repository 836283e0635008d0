import { apiKeyIdIn, meansApiKey } from '@rollbook/shared/api-key/api-key-text';
import type { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { BearerCheck, BearerLook } from '@rollbook/shared/http/look-at-token';
import type { Authority, RecentEndings } from '@rollbook/shared/person/authority';
import { senderOfKey, type RequestCounter } from '@rollbook/shared/request-limits/request-counter';

export interface BearerCheckParts {
  readonly authority: Pick<Authority, 'identify'>;
  readonly apiKeys: ApiKeys;
  readonly recent: RecentEndings | null;
  /** Without it every key is looked up. */
  readonly counter: Pick<RequestCounter, 'lookUpKey'> | undefined;
}

/**
 * The look at a token before a query is read: who it shows is known by its signature, or, of an API key, by what is
 * remembered; the log is read only for a key that was not looked at yet, not while it is away, and only so often in vain
 * for one address.
 */
export const bearerCheck = ({ authority, apiKeys, recent, counter }: BearerCheckParts): BearerCheck => {
  const lookAtKey = async (bearer: string, address: string | null): Promise<BearerLook> => {
    if (apiKeyIdIn(bearer) === null) return { sender: null, refused: reject('api_key_invalid') };
    const known = apiKeys.recall(bearer, Infinity);
    if (known === null && (await recent?.watch.isAway())) return { sender: null };
    const look = () => apiKeys.look(bearer);
    const service = known ?? (await (counter ? counter.lookUpKey(address, look) : look()));
    return isRejection(service) ? { sender: null, refused: service } : { sender: senderOfKey(service) };
  };
  return async (bearer, address) => {
    if (!meansApiKey(bearer)) {
      const claims = authority.identify(bearer);
      return isRejection(claims) ? { sender: null, refused: claims } : { sender: { kind: 'person', id: claims.sub } };
    }
    try {
      return await lookAtKey(bearer, address);
    } catch (fault) {
      // The query itself says what it does without the log.
      if (fault instanceof StoreUnavailable) return { sender: null };
      throw fault;
    }
  };
};
