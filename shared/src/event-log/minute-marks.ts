import type { Position } from './event.ts';
import { FROM_THE_FIRST, type StartPlace } from './log-watch.ts';
import type { EventStore } from './port.ts';

/** Where the log ended at some minutes of the last day, by the database's clock. */
export interface MinuteMarks {
  /** Notes that the log ended here or later. `position` must have been read before. Old marks go. */
  mark(logId: string, position: Position): Promise<void>;
  /** The newest mark of this log that is at least `age` ms old. */
  newest(logId: string, age: number): Promise<StartPlace | null>;
}

/**
 * Where to begin to read in order to hear of everything of the last `age` ms: at a mark, or from the first event where
 * there is none, or only one that this log does not reach.
 */
export const startPlaceOf = async (
  store: Pick<EventStore, 'logId' | 'end'>,
  marks: MinuteMarks,
  age: number,
): Promise<StartPlace> => {
  const mark = await marks.newest(await store.logId(), age);
  if (mark?.position == null) return FROM_THE_FIRST;
  const end = await store.end();
  return end === null || end < mark.position ? FROM_THE_FIRST : mark;
};
