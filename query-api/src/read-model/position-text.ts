import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';

export interface PositionParts {
  readonly log: Pick<EventLog, 'end' | 'logId'>;
  readonly tokens: Pick<ConsistencyTokens, 'read'>;
}

const POSITION = /^\d{20}(?:-\d{20})?$/;

/**
 * The position that a text names, or the one that a `Consistency-Token` vouches for, in its place. `other_log`: it belongs
 * to another log, as far as a position shows that. Whether the log reaches so far is another question. Throws
 * StoreUnavailable.
 */
export const readPosition = async (
  { log, tokens }: PositionParts,
  text: string,
): Promise<{ readonly position: Position; readonly end: Position | null } | 'malformed' | 'other_log'> => {
  const point = POSITION.test(text) ? null : tokens.read(text);
  if (point === null && !POSITION.test(text)) return 'malformed';
  if (point !== null && point.logId !== (await log.logId())) return 'other_log';
  const position = point?.position ?? (text as Position);
  const end = await log.end();
  // Each kind of log has a width of its own.
  return end !== null && end.length !== position.length ? 'other_log' : { position, end };
};
