import { z } from 'zod';
import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { fromInstant, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { readPosition } from '../read-model/position-text.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import type { Cut } from './cut.ts';

export interface AsOfParts {
  readonly log: Pick<EventLog, 'read' | 'end' | 'logId'>;
  readonly tokens: Pick<ConsistencyTokens, 'read'>;
  readonly clock: Clock;
  readonly readModel: ReadModel;
}

/** `as_of` as sent; what it means only the log can say. */
export const AsOf = z.string().max(2_048, { error: 'is too long' });

/** A cut, and how far the log was looked at for it: what `Projection-Position` says. */
export interface AsOfPoint {
  readonly cut: Cut;
  readonly position: Position | null;
}

const YEAR = /^\d{4}-/;
/** RFC 3339 wants the seconds; the calendar is zod's. */
const SECONDS = /T\d\d:\d\d:\d\d/;
const Time = z.iso.datetime({ offset: true });
/** The clock of whoever wrote the newest event may be ahead of this one, in ms. */
const CLOCKS_DIFFER = SECOND;

const refuse = (code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field: 'as_of', code, message }] });

/** Reads `as_of`: a time, a position, or a `Consistency-Token` in the place of one. Throws StoreUnavailable. */
export const readAsOf = async (parts: AsOfParts, text: string): Promise<AsOfPoint | Rejection> => {
  if (YEAR.test(text)) return atTime(parts, text.toUpperCase());
  const named = await readPosition(parts, text);
  if (named === 'malformed')
    return refuse('malformed', 'must be a time as in RFC 3339, a position or a Consistency-Token');
  return named === 'other_log' ? refuse(named, 'belongs to another event log') : atPosition(parts, named);
};

const atTime = async ({ log, clock }: AsOfParts, text: string): Promise<AsOfPoint | Rejection> => {
  if (!SECONDS.test(text) || !Time.safeParse(text).success)
    return refuse('malformed', 'must be a time as in RFC 3339, with its offset; a + in it is written %2B');
  const time = fromInstant(text);
  if (time > clock.now() + CLOCKS_DIFFER) return refuse('in_future', 'must not lie in the future');
  return { cut: { time }, position: await log.end() };
};

const atPosition = async (
  parts: AsOfParts,
  { position, end }: { readonly position: Position; readonly end: Position | null },
): Promise<AsOfPoint | Rejection> => {
  if (position > (end ?? '') && position > (await shownPosition(parts)))
    return refuse('in_future', 'is beyond the end of the log');
  return { cut: { position }, position };
};

/** The last position that a query can have named: a log may have records of its own after the last event. */
const shownPosition = async ({ readModel }: AsOfParts): Promise<string> => {
  const text = "select to_jsonb(max(q.position)) from read_model.projections q where q.state = 'live'";
  return (await readModel.read<string | null>({ text, values: [] })).found ?? '';
};
