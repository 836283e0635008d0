import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Position } from '@rollbook/shared/event-log/event';
import { readPosition, type PositionParts } from '../read-model/position-text.ts';

export interface StartWanted {
  /** `start`, `now`, a position or a Consistency-Token. */
  readonly from: string;
  readonly lastEventId: string | null;
}

const refuse = (field: string, code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field, code, message }] });

/** For a position that this log does not have: whatever it meant, going on elsewhere would pass over events in silence. */
export const refusePlace = ({ lastEventId }: StartWanted, code: 'other_log' | 'in_future'): Rejection => {
  const field = lastEventId === null ? 'from' : 'Last-Event-ID';
  return refuse(field, code, code === 'other_log' ? 'belongs to another event log' : 'is beyond the end of the log');
};

/**
 * After which place a stream begins; null: from the first event. `Last-Event-ID` wins over `from`. Throws
 * StoreUnavailable.
 */
export const startPlace = async (
  parts: PositionParts,
  wanted: StartWanted,
): Promise<{ readonly place: Position | null } | Rejection> => {
  const { from, lastEventId } = wanted;
  if (lastEventId === null && from === 'start') return { place: null };
  if (lastEventId === null && from === 'now') return { place: await parts.log.end() };
  const named = await readPosition(parts, lastEventId ?? from);
  if (named === 'malformed')
    return lastEventId === null
      ? refuse('from', 'malformed', 'must be start, now, a position or a Consistency-Token')
      : refuse('Last-Event-ID', 'malformed', 'must be the id of an event of this stream');
  if (named === 'other_log') return refusePlace(wanted, 'other_log');
  return named.position > (named.end ?? '') ? refusePlace(wanted, 'in_future') : { place: named.position };
};
