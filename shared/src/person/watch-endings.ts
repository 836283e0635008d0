import { ApiKeyMemory } from '../api-key/api-key-memory.ts';
import { LogWatch, type LogWatchParts, type WatchedMemory } from '../event-log/log-watch.ts';
import { startPlaceOf, type MinuteMarks } from '../event-log/minute-marks.ts';
import type { EventStore } from '../event-log/port.ts';
import { EndingMemory } from './ending-memory.ts';

export interface WatchEndingsParts extends Pick<LogWatchParts, 'clock' | 'onFault'> {
  readonly store: Pick<EventStore, 'logId' | 'end' | 'follow'>;
  readonly marks: MinuteMarks;
  /** ACCESS_TOKEN_TTL in ms. */
  readonly accessTtl: number;
  /** Told by the same watch. */
  readonly others?: readonly WatchedMemory[];
}

/** The memories of what ended sessions of late and of API keys, and the watch that fills them once it runs. */
export const watchEndings = ({ store, marks, accessTtl, others = [], clock, onFault }: WatchEndingsParts) => {
  const memory = new EndingMemory(accessTtl);
  const apiKeys = new ApiKeyMemory();
  const startPlace = () => startPlaceOf(store, marks, memory.age);
  const memories = [memory, apiKeys, ...others];
  return { memory, apiKeys, watch: new LogWatch({ store, clock, memories, startPlace, onFault }) };
};
