import type { KafkaMessage } from 'kafkajs';
import { fromInstant } from '../../kernel/clock.ts';
import type { DeadLetter, FeedMessage } from '../port.ts';
import { fromRecord, textHeaders, UnreadableMessage } from './cloud-event.ts';

const messageOf = (record: KafkaMessage): FeedMessage | null => {
  try {
    return fromRecord(record);
  } catch (fault) {
    if (fault instanceof UnreadableMessage) return null;
    throw fault;
  }
};

/** A record of a topic for dead letters. `at`: its place there, for one that does not say where it came from. */
export const toDeadLetter = (record: KafkaMessage, at: string): DeadLetter => {
  const headers = textHeaders(record.headers);
  const place = headers['dead_place'] ?? at;
  const message = messageOf(record);
  return {
    message: message && { ...message, place },
    place,
    reason: headers['dead_reason'] ?? 'unknown',
    deadAt: fromInstant(headers['dead_at'] ?? '') || Number(record.timestamp),
  };
};
