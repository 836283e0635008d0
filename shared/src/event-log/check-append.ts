import { findUnstorable, type Json } from '../kernel/json.ts';
import { isUuid } from '../kernel/uuid.ts';
import { AppendRefused } from './errors.ts';
import { NO_STREAM, type Append } from './port.ts';

/** Most bytes of one append, as JSON. EventStoreDB up to 25.0 takes no more. */
export const APPEND_LIMIT = 1024 * 1024;

/** Deeper values would end the stack of a reader somewhere. */
const DEPTH_LIMIT = 100;

/**
 * What every store asks of an append before it sends it. Gives the events' JSON as it goes over the wire. Throws
 * AppendRefused: no events, a repeated or malformed id, a wrong revision, a value that JSON would change, or more than
 * 1 MiB.
 */
export const checkAppend = ({ stream, expectedRevision, events }: Append): string => {
  if (!Number.isSafeInteger(expectedRevision) || expectedRevision < NO_STREAM)
    throw new AppendRefused(`${String(expectedRevision)} is no revision that a stream can have`);
  if (stream === '') throw new AppendRefused('A stream wants a name');
  if (events.length === 0) throw new AppendRefused(`An append to ${stream} without an event`);
  const ids = new Set<string>();
  for (const [index, event] of events.entries()) {
    if (!isUuid(event.id)) throw new AppendRefused(`${event.id} is no event id: wanted is a UUID in lower case`);
    if (ids.has(event.id)) throw new AppendRefused(`Event id ${event.id} stands twice in one append`);
    ids.add(event.id);
    if (event.stream !== stream || event.revision !== expectedRevision + 1 + index)
      throw new AppendRefused(`Event ${event.id} is not made for revision ${String(event.revision)} of ${stream}`);
  }
  const fault = findForeign(events, DEPTH_LIMIT) ?? findUnstorable(events as unknown as Json)?.reason;
  if (fault) throw new AppendRefused(`An event of ${stream} holds a value that ${fault}`);
  const text = JSON.stringify(events);
  if (Buffer.byteLength(text) > APPEND_LIMIT)
    throw new AppendRefused(`An append to ${stream} of ${String(Buffer.byteLength(text))} bytes: the limit is 1 MiB`);
  return text;
};

/** Says how a value is none of JSON's own: those vanish or change on the way to the store. */
const findForeign = (value: unknown, depth: number): string | null => {
  if (depth === 0) return `is nested deeper than ${String(DEPTH_LIMIT)} levels`;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return null;
  if (typeof value !== 'object') return `is of type ${typeof value}`;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return 'writes itself in another form';
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    const found = findForeign(item, depth - 1);
    if (found !== null) return found;
  }
  return null;
};
