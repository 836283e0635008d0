import type { Trailers } from './fault.ts';
import type { Position } from './record.ts';

export type CallName = 'features' | 'append' | 'batchAppend' | 'read' | 'subscribe' | 'delete' | 'tombstone' | 'gossip';
type OnAnyCall = 'lose-answer' | 'delay' | 'fail' | 'reset' | 'drop';
type OnSome = 'end' | 'answer-empty' | 'answer-twice' | 'answer-unknown' | 'refuse' | 'checkpoint';

/** What is done to calls; README.md says what each word means. */
export interface Order {
  readonly on: CallName | readonly CallName[];
  readonly do: OnAnyCall | OnSome;
  readonly ms?: number;
  readonly code?: number;
  readonly trailers?: Trailers;
  readonly detail?: string;
  readonly at?: Position | 'next-record';
  readonly stream?: string;
  readonly times?: number;
  readonly every?: number;
  readonly before?: boolean;
  readonly after?: number;
}

/** An order in force; `done` counts the calls that it has hit. */
export type Misbehaving = { readonly done: number; cancel(): void };

/** The orders in force; the oldest one that fits is followed. */
export class Misbehaviour {
  readonly #orders = new Set<{ order: Order; met: number; done: number }>();

  add(order: Order): Misbehaving {
    const entry = { order, met: 0, done: 0, cancel: () => void this.#orders.delete(entry) };
    this.#orders.add(entry);
    return entry;
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
