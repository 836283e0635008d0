import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { LogFilter, LogPage } from '@rollbook/shared/event-log/port';
import { toCloudEvent } from '@rollbook/shared/message-feed/cloud-event';
import { eventBlock } from './sse.ts';

/** A public message as it goes out, ready for any number of readers. */
export interface Frame {
  readonly position: Position;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A stretch of the log: its public messages, and how far the log was looked through. */
export interface Stretch {
  readonly frames: readonly Frame[];
  readonly position: Position | null;
}

/**
 * Where public messages come from: people's streams. By stream and not by type, so that an event which only a newer
 * program knows is met, and not passed over.
 */
export const PUBLIC_STREAMS: LogFilter = { streamPrefixes: ['user-', 'signin-'] };

const frameOf = (event: StoredEvent): Frame | null => {
  const message = toPublicMessage(event);
  if (message === null) return null;
  const { type } = message;
  return { position: event.position, type, bytes: eventBlock(event.position, type, toCloudEvent(message)) };
};

/**
 * What a page of the log says in public. An event that is not to be understood ends the stretch before it and throws at
 * the next try, when it comes first: nothing is passed over.
 */
export const publicStretch = ({ events, position }: LogPage): Stretch => {
  const frames: Frame[] = [];
  let before: Position | null = null;
  for (const event of events) {
    try {
      const frame = frameOf(event);
      if (frame) frames.push(frame);
    } catch (fault) {
      if (before === null) throw fault;
      return { frames, position: before };
    }
    before = event.position;
  }
  return { frames, position };
};
