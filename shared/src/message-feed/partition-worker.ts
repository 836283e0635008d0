import type { Clock } from '../kernel/clock.ts';
import { KeyOrder } from './key-order.ts';
import type { ConsumeOptions, ReceivedMessage } from './port.ts';
import { Wake } from './wake.ts';

/** Most messages of one partition in memory; past it, a key that keeps failing holds back its partition. */
const WINDOW = 1_000;

export interface WorkerOptions extends Pick<ConsumeOptions, 'handle' | 'onFault'> {
  readonly clock: Clock;
  /** The place that the group acknowledged last. */
  readonly after: number;
  /** Called when `handled` moved on. */
  onProgress(): void;
}

/** Hands the messages of one partition to the consumer, one at a time. */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  readonly #order: KeyOrder;
  readonly #wake: Wake;
  #stopping = false;
  #held = false;
  #busy = false;
  #ended = false;
  /** Resolves when the handler in progress, if any, has come back after `stop`. Never rejects. */
  readonly finished: Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#order = new KeyOrder(options.after);
    this.#wake = new Wake(options.clock);
    this.finished = this.#run();
  }

  get fetched(): number {
    return this.#order.fetched;
  }

  get handled(): number {
    return this.#order.handled;
  }

  get hasRoom(): boolean {
    return !this.#stopping && this.#order.size < WINDOW;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A message is being handled right now. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Begins no further message until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#wake.ring();
  }

  push(message: ReceivedMessage, place: number): void {
    this.#order.push(message, place);
    this.#wake.ring();
  }

  stop(): void {
    this.#stopping = true;
    this.#wake.ring();
  }

  async #run(): Promise<void> {
    const options = this.#options;
    const { clock } = options;
    while (!this.#stopping) {
      if (this.#held) {
        await this.#wake.sleep(1_000);
        continue;
      }
      const next = this.#order.next(clock.now());
      if (next === null || typeof next === 'number') {
        await this.#wake.sleep(Math.min(next ?? Infinity, 1_000));
        continue;
      }
      this.#busy = true;
      try {
        await options.handle(next.message);
        this.#order.succeeded(next);
      } catch (fault) {
        this.#order.failed(next, clock.now());
        options.onFault?.(fault);
      }
      this.#busy = false;
      options.onProgress();
    }
    this.#ended = true;
    options.onProgress();
  }
}
