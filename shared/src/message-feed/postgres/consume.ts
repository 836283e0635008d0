import type { Clock } from '../../kernel/clock.ts';
import { PARTITIONS } from '../partition.ts';
import { PartitionWorker } from '../partition-worker.ts';
import type { ConsumeOptions } from '../port.ts';
import { Wake } from '../wake.ts';
import { GroupSession } from './group-session.ts';

/** Milliseconds between two looks when no notification comes: with all of them lost the lag goal still holds. */
const POLL = 50;
/** Milliseconds between two looks at who else is in the group. */
const REBALANCE = 250;
/** Messages of one partition in one fetch. */
const FETCH = 100;

/** Consumes until the signal; survives lost connections, with backoff. */
export const consume = async (url: string, clock: Clock, options: ConsumeOptions): Promise<void> => {
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      await new Membership(clock, options, () => (failures = 0)).run(url);
    } catch (fault) {
      options.onFault?.(fault);
      failures += 1;
      await clock.sleep(Math.min(50 * 2 ** failures, 5_000), options.signal);
    }
  }
};

/** One connection's time in the group. */
class Membership {
  readonly #clock: Clock;
  readonly #options: ConsumeOptions;
  readonly #onProgress: () => void;
  readonly #wake: Wake;
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #acknowledged = new Map<number, number>();
  #broken: unknown = null;

  constructor(clock: Clock, options: ConsumeOptions, onProgress: () => void) {
    this.#clock = clock;
    this.#options = options;
    this.#onProgress = onProgress;
    this.#wake = new Wake(clock);
  }

  async run(url: string): Promise<void> {
    const stop = (): void => {
      this.#wake.ring();
    };
    this.#options.signal.addEventListener('abort', stop, { once: true });
    let session: GroupSession | null = null;
    try {
      session = await GroupSession.open(url, this.#options.group, (fault) => {
        if (fault !== undefined) this.#broken ??= fault;
        this.#wake.ring();
      });
      await this.#pump(session);
    } finally {
      this.#options.signal.removeEventListener('abort', stop);
      // A message in progress here must come to its end before anybody of this process takes the partition again.
      for (const worker of this.#workers.values()) worker.stop();
      await Promise.all([...this.#workers.values()].map(({ finished }) => finished));
      if (session && this.#broken === null) await this.#acknowledge(session).catch(() => undefined);
      await session?.close();
    }
  }

  async #pump(session: GroupSession): Promise<void> {
    let rebalanceAt = 0;
    while (!this.#options.signal.aborted) {
      if (this.#broken !== null) throw this.#broken as Error;
      await this.#acknowledge(session);
      await this.#letGo(session);
      if (this.#clock.now() >= rebalanceAt) {
        await this.#rebalance(session);
        rebalanceAt = this.#clock.now() + REBALANCE;
      }
      const more = await this.#fetch(session);
      this.#onProgress();
      if (!more) await this.#wake.sleep(POLL);
    }
  }

  async #rebalance(session: GroupSession): Promise<void> {
    const share = await session.fairShare();
    for (const worker of [...this.#workers.values()].slice(share)) worker.stop();
    for (let partition = 0; partition < PARTITIONS && this.#workers.size < share; partition += 1) {
      if (this.#workers.has(partition)) continue;
      const after = await session.take(partition);
      if (after === null) continue;
      this.#acknowledged.set(partition, after);
      this.#workers.set(partition, this.#startWorker(after));
    }
  }

  #startWorker(after: number): PartitionWorker {
    const options = this.#options;
    return new PartitionWorker({
      clock: this.#clock,
      after,
      handle: (message) => options.handle(message),
      onFault: (fault) => options.onFault?.(fault),
      onProgress: () => {
        this.#wake.ring();
      },
    });
  }

  /** Gives up the partitions whose workers were stopped and have come to rest; they are acknowledged already. */
  async #letGo(session: GroupSession): Promise<void> {
    for (const [partition, worker] of [...this.#workers])
      if (worker.ended && worker.handled === this.#acknowledged.get(partition)) {
        this.#workers.delete(partition);
        await session.release(partition);
      }
  }

  async #fetch(session: GroupSession): Promise<boolean> {
    const open = [...this.#workers].filter(([, worker]) => worker.hasRoom);
    if (open.length === 0) return false;
    const fetched = await session.fetch(
      open.map(([partition, worker]) => [partition, worker.fetched]),
      FETCH,
    );
    for (const { partition, seq, message } of fetched) this.#workers.get(partition)?.push(message, seq);
    return fetched.length >= FETCH;
  }

  async #acknowledge(session: GroupSession): Promise<void> {
    const moved = [...this.#workers]
      .map(([partition, worker]) => [partition, worker.handled] as const)
      .filter(([partition, handled]) => handled !== this.#acknowledged.get(partition));
    if (moved.length === 0) return;
    await session.acknowledge(moved);
    for (const [partition, handled] of moved) this.#acknowledged.set(partition, handled);
  }
}
