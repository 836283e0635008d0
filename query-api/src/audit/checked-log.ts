import { openStream } from '@rollbook/shared/event-log/sealed-event-log';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { EventLog, StreamRead } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { IndexRow } from './index-row.ts';
import { isAsIndexed, wholeUpTo } from './integrity.ts';

export interface CheckedLogParts {
  readonly store: Pick<EventStore, 'read'>;
  readonly keys: KeyRing;
}

/**
 * The log for one request: whoever asks for the same part of a stream again gets what was read the first time, and what
 * was read can be compared with the index.
 */
export class CheckedLog implements Pick<EventLog, 'read'> {
  readonly #parts: CheckedLogParts;
  readonly #reads = new Map<
    string,
    { readonly stored: Promise<readonly StoredEvent[]>; opened?: Promise<StreamRead> }
  >();
  readonly #whole = new Map<string, number>();

  constructor(parts: CheckedLogParts) {
    this.#parts = parts;
  }

  /** Throws UnreadableEvent, StoreUnavailable. */
  async read(...[stream, options]: Parameters<EventLog['read']>): Promise<StreamRead> {
    const known = this.#read(stream, options);
    known.opened ??= known.stored.then((stored) => openStream(stored, options, this.#parts.keys));
    return known.opened;
  }

  /** The part of the log that an entry is made from: of a person all, since each change is one to what was before. */
  partFor({ stream, revision }: Pick<IndexRow, 'stream' | 'revision'>): Parameters<EventLog['read']> {
    if (stream.startsWith('user-')) return [stream];
    return [stream, { from: revision, direction: 'backwards', limit: 1 }];
  }

  /** Whether the event stands in the log as it was indexed, and so does what its entry is made from. Throws StoreUnavailable. */
  async isIntact(row: IndexRow): Promise<boolean> {
    const part = this.partFor(row);
    const stored = await this.#read(...part).stored;
    const event = stored.find(({ revision }) => revision === row.revision);
    if (!event || !isAsIndexed(event, row)) return false;
    if (part[1] !== undefined) return true;
    const whole = this.#whole.get(row.stream) ?? wholeUpTo(stored);
    this.#whole.set(row.stream, whole);
    return row.revision <= whole;
  }

  #read(...[stream, options]: Parameters<EventLog['read']>) {
    const part = JSON.stringify([stream, options?.from, options?.direction, options?.limit]);
    const known = this.#reads.get(part) ?? { stored: this.#parts.store.read(stream, options) };
    this.#reads.set(part, known);
    return known;
  }
}
