/** `Content-Type` of server-sent events (HTML Standard, 9.2). */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** ms after which a client may come back by itself; `retry:` tells it. */
export const RETRY = 2_000;

/** One event. JSON holds no line break of its own, so one `data:` line is enough. */
export const eventBlock = (position: string, type: string, data: object): Buffer =>
  Buffer.from(`id: ${position}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);

// A block without data is no event to a client, but its id counts: what it sends as `Last-Event-ID` moves on.
const idLine = (position: string | null): string => (position === null ? '' : `id: ${position}\n`);

/** The first block: how long to wait before coming back, and where the stream begins. */
export const helloBlock = (position: string | null): string => `retry: ${String(RETRY)}\n${idLine(position)}\n`;

/** The stream lives, and everything up to the position was looked through. */
export const heartbeatBlock = (position: string | null): string => `: no news\n${idLine(position)}\n`;
