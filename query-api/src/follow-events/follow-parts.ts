import type { EventStore } from '@rollbook/shared/event-log/port';
import { Admission } from '@rollbook/shared/http/admission';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { FollowEventsParts } from './follow-events.query.ts';
import { ReadBehind } from './read-behind.ts';
import { TailKeeper } from './tail-keeper.ts';

/** Streams at once in this process, and of one person or API key. */
export interface StreamLimits {
  readonly most: number;
  readonly each: number;
}

const LIMITS: StreamLimits = { most: 500, each: 50 };

interface Settings {
  readonly store: Pick<EventStore, 'end' | 'follow' | 'readAll'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
  readonly limits?: StreamLimits | undefined;
}

/** What all streams of this process share. */
export const followParts = ({
  store,
  clock,
  onFault,
  limits = LIMITS,
}: Settings): Pick<FollowEventsParts, 'tails' | 'behind' | 'streams'> => ({
  tails: new TailKeeper({ store, clock, onFault }),
  behind: new ReadBehind(store),
  streams: new Admission(limits.most, limits.each),
});
