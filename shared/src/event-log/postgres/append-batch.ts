import type pg from 'pg';
import type { Position } from '../event.ts';
import type { AppendResult } from '../port.ts';
import { ANSWER_LIMIT, runOn } from './log-connections.ts';

/** One append on its way, already as the text that is sent: every try sends the same bytes. */
export interface WrittenAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  /** The events as a JSON array. */
  readonly events: string;
}

/** A position as the port shows it: 20 digits, so that text compares as numbers do. */
export const toPosition = (position: string | number): Position => String(position).padStart(20, '0') as Position;

/** The append as an element of the function's argument; `events` goes in as it is. */
export const toArgument = ({ stream, expectedRevision, events }: WrittenAppend): string =>
  `{"stream":${JSON.stringify(stream)},"expected":${String(expectedRevision)},"events":${events}}`;

/** One call of `event_log.append_batch`, which is one transaction. One result per append, in order. */
export const appendBatch = async (
  pool: pg.Pool,
  appends: readonly WrittenAppend[],
  timeLeft = ANSWER_LIMIT,
): Promise<AppendResult[]> => {
  const rows = await runOn(pool, {
    name: 'append_batch',
    text: 'select outcome, revision, position from event_log.append_batch($1::jsonb)',
    values: [`[${appends.map(toArgument).join(',')}]`],
    query_timeout: Math.max(1, Math.min(ANSWER_LIMIT, timeLeft)),
  });
  return rows.map((row) => toResult(row as unknown as ResultRow));
};

interface ResultRow {
  readonly outcome: AppendResult['outcome'];
  /** bigint, which the driver gives as text. */
  readonly revision: string;
  readonly position: string | null;
}

const toResult = ({ outcome, revision, position }: ResultRow): AppendResult =>
  outcome === 'conflict'
    ? { outcome, revision: Number(revision) }
    : { outcome, revision: Number(revision), position: position === null ? undefined : toPosition(position) };
