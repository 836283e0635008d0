import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from './fault.ts';
import type { Position } from './record.ts';

export type CallName = 'features' | 'append' | 'batchAppend' | 'read' | 'subscribe' | 'delete' | 'tombstone' | 'gossip';

/** What is done to one call. Without `before`, the work was done: an append is written. */
export type Deed =
  /** Silence, and the call stays open. */
  | { readonly do: 'lose-answer' }
  /** The answer comes later, by `ms`. */
  | { readonly do: 'delay'; readonly ms: number }
  /** A gRPC status with trailers; on the batch stream it ends the whole stream. */
  | {
      readonly do: 'fail';
      readonly code: number;
      readonly details?: string;
      readonly trailers?: Readonly<Record<string, string>>;
    }
  /** The call is reset (RST_STREAM). */
  | { readonly do: 'reset' }
  /** Every connection breaks; new ones are taken. */
  | { readonly do: 'drop' }
  /** The stream of answers ends with OK: batch stream, read, subscription. */
  | { readonly do: 'end' }
  /** An answer in which nothing is set. */
  | { readonly do: 'answer-empty' }
  /** Batch stream only: the answer comes twice, or belongs to no append. */
  | { readonly do: 'answer-twice' | 'answer-unknown' }
  /** Batch stream only: this append fails with this detail; `none` sends no detail at all. */
  | { readonly do: 'refuse'; readonly detail: string }
  /** Subscription only: a checkpoint out of turn. `next-record` is (X, 0) with X the place of the next record. */
  | { readonly do: 'checkpoint'; readonly at: Position | 'next-record' };

export type Order = Deed & {
  readonly on: CallName | readonly CallName[];
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
};

export interface Misbehaving {
  /** Calls it has hit so far. */
  readonly done: number;
  cancel(): void;
}

/** The orders in force; the oldest one that fits is followed. */
export class Misbehaviour {
  readonly #orders = new Set<{ order: Order; met: number; done: number }>();

  add(order: Order): Misbehaving {
    const entry = { order, met: 0, done: 0 };
    this.#orders.add(entry);
    return {
      get done() {
        return entry.done;
      },
      cancel: () => void this.#orders.delete(entry),
    };
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

export const faultOf = ({ code, details = 'ordered by the test', trailers }: Order & { do: 'fail' }): Fault =>
  new Fault(code, details, trailers);

export type Ending<T> =
  { readonly kind: 'answer'; readonly value: T } | { readonly kind: 'deed'; readonly order: Order };

/** Does a call's work, and says whether its answer goes out or what happens instead. */
export const carryOut = async <T>(order: Order | undefined, work: () => T): Promise<Ending<T>> => {
  if (!order) return { kind: 'answer', value: work() };
  if (order.do === 'delay') {
    if (order.before === true) await sleep(order.ms);
    const value = work();
    if (order.before !== true) await sleep(order.ms);
    return { kind: 'answer', value };
  }
  if (order.before !== true) work();
  return { kind: 'deed', order };
};
