import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { formatUserEtag, matchesIfMatch } from '@rollbook/shared/http/etag';

/**
 * Met when nothing but `ClaimForfeited` stands after the revision that it names: such a fence changes nothing that
 * anybody sees. null when it is met or was not sent.
 */
export const refuseIfMatch = (ifMatch: string | null, events: readonly AnyEvent[]): Rejection | null => {
  if (ifMatch === null) return null;
  const last = events.at(-1);
  if (!last) return reject('precondition_failed');
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event && matchesIfMatch(ifMatch, event.revision)) return null;
    if (event?.type !== 'ClaimForfeited') break;
  }
  return reject('precondition_failed', { etag: formatUserEtag(last.revision) });
};
