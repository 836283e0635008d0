import { Fault } from './fault.ts';
import type { Position } from './record.ts';

export type CallName = 'features' | 'append' | 'batchAppend' | 'read' | 'subscribe' | 'delete' | 'tombstone' | 'gossip';

export type Deed =
  // Silence, and the call stays open.
  | 'lose-answer'
  // The answer comes later, by `ms`.
  | 'delay'
  // A status: `code`, `details`, `trailers`. It ends a whole batch stream.
  | 'fail'
  // The call is reset (RST_STREAM).
  | 'reset'
  // Every connection breaks; new ones are taken.
  | 'drop'
  // The stream of answers ends with OK: batch stream, read, subscription.
  | 'end'
  // An answer in which nothing is set: append, batch append, read, subscription.
  | 'answer-empty'
  // Batch append: the answer comes twice, or belongs to no append.
  | 'answer-twice'
  | 'answer-unknown'
  // Batch append: it fails with this `detail`; `none` sends no detail at all.
  | 'refuse'
  // Subscription: a checkpoint out of turn, at `at`.
  | 'checkpoint';

/** What is done to calls. Without `before` their work is done: an append is written. */
export interface Order {
  readonly on: CallName | readonly CallName[];
  readonly do: Deed;
  readonly ms?: number;
  readonly code?: number;
  readonly details?: string;
  readonly trailers?: Readonly<Record<string, string>>;
  readonly detail?: string;
  /** `next-record` is (X, 0) with X the place of the next record. */
  readonly at?: Position | 'next-record';
  /** Only calls about streams whose name begins so. */
  readonly stream?: string;
  /** How many calls it hits; 1 if not given. */
  readonly times?: number;
  /** It hits each `every`th of the calls that it is meant for; 1 if not given. */
  readonly every?: number;
  /** The work is not done. */
  readonly before?: boolean;
  /** Read and subscription: so many events are sent before. */
  readonly after?: number;
}

export interface Misbehaving {
  /** Calls it has hit so far. */
  readonly done: number;
  cancel(): void;
}

/** The orders in force; the oldest one that fits is followed. */
export class Misbehaviour {
  readonly #orders = new Set<{ order: Order; met: number; done: number }>();

  add(order: Order): Misbehaving {
    const entry = { order, met: 0, done: 0, cancel: () => void this.#orders.delete(entry) };
    this.#orders.add(entry);
    return entry;
  }

  clear(): void {
    this.#orders.clear();
  }

  /** The order for this call, if there is one; asking counts as a call. */
  next(call: CallName, stream = ''): Order | undefined {
    for (const entry of this.#orders) {
      const { on, times = 1, every = 1, stream: prefix = '' } = entry.order;
      if (![on].flat().includes(call) || !stream.startsWith(prefix) || entry.done >= times) continue;
      entry.met += 1;
      if (entry.met % every !== 0) continue;
      entry.done += 1;
      return entry.order;
    }
    return undefined;
  }
}

export const faultOf = ({ code = 2, details = 'ordered by the test', trailers }: Order): Fault =>
  new Fault(code, details, trailers);
