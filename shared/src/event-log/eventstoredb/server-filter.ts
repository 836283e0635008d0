import { eventTypeFilter, streamNameFilter, type AllStreamSubscription, type Filter } from '@eventstore/db-client';
import type { Position as LogPosition } from '@eventstore/db-client';
import { passes } from '../log-filter.ts';
import type { LogFilter } from '../port.ts';
import { LOG_IDENTITY } from './log-identity.ts';

/** Records that the server looks at between two checkpoints. */
const WINDOW = 256;

/** Which records a reader of `$all` wants: said to the server for speed, and checked here for truth. */
export interface Wanted {
  readonly isWanted: (record: { readonly streamId: string; readonly type: string }) => boolean;
  readonly toServer: (onCheckpoint: (position: LogPosition) => void) => Filter;
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const NOTHING = '(?!)';

const options = (onCheckpoint: (position: LogPosition) => void) => ({
  maxSearchWindow: WINDOW,
  checkpointReached: (_: AllStreamSubscription, position: LogPosition) => onCheckpoint(position),
});

/** Our events that pass the filter: no system stream, no system event (a tombstone lies in the stream that it ends). */
export const wantedBy = (filter: LogFilter | undefined): Wanted => ({
  isWanted: ({ streamId, type }) =>
    !streamId.startsWith('$') &&
    !type.startsWith('$') &&
    streamId !== LOG_IDENTITY &&
    passes(filter, { stream: streamId, type }),
  toServer: (onCheckpoint) => {
    const common = options(onCheckpoint);
    if (!filter) return streamNameFilter({ ...common, regex: '^[^$]' });
    if ('types' in filter) {
      const types = filter.types.map(literally).join('|') || NOTHING;
      return eventTypeFilter({ ...common, regex: `^(?:${types})$` });
    }
    return filter.streamPrefixes.length === 0
      ? streamNameFilter({ ...common, regex: NOTHING })
      : streamNameFilter({ ...common, prefixes: [...filter.streamPrefixes] });
  },
});

/** The metadata of streams that are not the system's. */
export const STREAM_METADATA: Wanted = {
  isWanted: ({ streamId }) => streamId.startsWith('$$') && !streamId.startsWith('$$$'),
  toServer: (onCheckpoint) => streamNameFilter({ ...options(onCheckpoint), prefixes: ['$$'] }),
};
