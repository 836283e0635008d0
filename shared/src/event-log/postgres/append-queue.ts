import { StoreUnavailable } from '../errors.ts';
import type { AppendResult } from '../port.ts';
import type { WrittenAppend } from './append-batch.ts';
import { retryAlone, wasSurelyNotWritten, type AppendQueueParts, type Pending } from './retry-alone.ts';

/** Most appends in one transaction. */
const BATCH_COUNT = 256;
/** Most bytes in one transaction, unless a single append has more. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** Most bytes that may wait; what comes beyond is turned away at once. */
const WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Gathers appends while a batch is on its way and sends them as the next one, so that the lock and the commit are paid
 * once for many. What a failed batch leaves open is tried again each on its own, beside the next batches.
 */
export class AppendQueue {
  readonly #parts: AppendQueueParts;
  #waiting: Pending[] = [];
  #waitingBytes = 0;
  #pumping: Promise<void> | undefined;
  readonly #retrying = new Set<Promise<void>>();

  constructor(parts: AppendQueueParts) {
    this.#parts = parts;
  }

  /** Rejects with OutcomeUnknown, StoreUnavailable or AppendRefused. */
  submit(append: WrittenAppend): Promise<AppendResult> {
    if (this.#waitingBytes > WAITING_BYTES)
      return Promise.reject(new StoreUnavailable('Too many appends wait for the log already'));
    return new Promise((resolve, reject) => {
      const until = this.#parts.clock.now() + this.#parts.deadline;
      this.#waiting.push({ append, until, maybeWritten: false, resolve, reject });
      this.#waitingBytes += append.events.length;
      this.#pumping ??= this.#pump();
    });
  }

  /** Resolves when nothing waits any more and every append was answered. */
  async idle(): Promise<void> {
    while (this.#pumping || this.#retrying.size > 0) await Promise.all([this.#pumping, ...this.#retrying]);
  }

  async #pump(): Promise<void> {
    // Lets all that is submitted in this turn share the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#send(this.#takeBatch());
    this.#pumping = undefined;
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { append } of this.#waiting) {
      if (count > 0 && (count === BATCH_COUNT || bytes + append.events.length > BATCH_BYTES)) break;
      count += 1;
      bytes += append.events.length;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    try {
      const results = await this.#parts.call(batch.map(({ append }) => append));
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (fault) {
      if (!wasSurelyNotWritten(fault)) for (const pending of batch) pending.maybeWritten = true;
      const retry = retryAlone(this.#parts, batch, fault);
      this.#retrying.add(retry);
      void retry.finally(() => this.#retrying.delete(retry));
    }
  }
}
