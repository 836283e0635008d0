import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { PartitionWorker } from '../partition-worker.ts';
import { Wake } from '../wake.ts';
import type { Holdings } from './assign-partitions.ts';
import { commitGently, type Commit } from './commit.ts';
import { groupConsumer, type MembershipOptions } from './group-consumer.ts';
import { within } from './within.ts';

/** Milliseconds between two commits at least. */
const COMMIT_PAUSE = 20;
/** Milliseconds for joining: as long as the others may take for what they are busy with, and more. */
const JOIN = 60_000;

/**
 * One consumer's time in the group, from joining to the first fault. kafkajs only fetches, joins and keeps the session
 * alive; it never commits and never starts over by itself.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #wake: Wake;
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #committed = new Map<number, number>();
  readonly #paused = new Set<number>();
  readonly #finished: Promise<void>[] = [];
  #consumer: Consumer | null = null;
  #assigned: ReadonlySet<number> = new Set();
  #memberId: string | null = null;
  #joining = false;
  #ending = false;
  #broken: unknown = null;
  #commit: Commit | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  /** Resolves after the signal, when what was in progress is handled and committed. Throws the fault that ended it. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options;
    const consumer = groupConsumer(this.#options, () => this.#prepareToJoin());
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#break(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.#joined(event));
    // The commit leaves before the request to join, on the same connection.
    consumer.on(consumer.events.REBALANCING, () => {
      void this.#commitHandled().catch(() => undefined);
    });
    const ring = (): void => {
      this.#wake.ring();
    };
    signal.addEventListener('abort', ring, { once: true });
    try {
      await within(clock, JOIN, 'join', this.#start(consumer));
      await this.#pump();
    } finally {
      signal.removeEventListener('abort', ring);
      await this.#end(consumer);
    }
  }

  async #start(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#options.topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: (payload) => {
        this.#take(payload);
        return Promise.resolve();
      },
    });
  }

  async #pump(): Promise<void> {
    const { clock, signal } = this.#options;
    while (!signal.aborted) {
      if (this.#broken !== null) throw this.#broken as Error;
      await this.#commitHandled();
      await clock.sleep(COMMIT_PAUSE, signal);
      await this.#wake.sleep(1_000);
    }
  }

  async #end(consumer: Consumer): Promise<void> {
    this.#ending = true;
    for (const worker of this.#workers.values()) worker.stop();
    // A message in progress here must come to its end before anybody of this process takes the partition again.
    await Promise.all(this.#finished);
    if (this.#broken === null) await this.#commitHandled().catch(() => undefined);
    await within(this.#options.clock, 3_000, 'leave', consumer.disconnect()).catch(() => undefined);
  }

  #break(fault: unknown): void {
    this.#broken ??= fault;
    this.#wake.ring();
  }

  /** Until it is known who has what, no worker begins a message; of busy ones the group hears. */
  #prepareToJoin(): Holdings {
    const workers = [...this.#workers];
    for (const [partition, worker] of workers) {
      worker.hold();
      // The last join came to nothing: others may have had its partition meanwhile.
      if (this.#joining && !worker.busy) this.#letGo(partition);
    }
    this.#joining = true;
    return {
      busy: workers.filter(([, worker]) => worker.busy).map(([partition]) => partition),
      held: [...this.#workers.keys()],
    };
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    this.#joining = false;
    const { topic, onAssigned } = this.#options;
    const forgotten = this.#memberId !== null && this.#memberId !== payload.memberId;
    this.#memberId = payload.memberId;
    this.#assigned = new Set(payload.memberAssignment[topic] ?? []);
    for (const [partition, worker] of [...this.#workers]) {
      if (!this.#assigned.has(partition)) this.#letGo(partition);
      else if (!forgotten) worker.release();
    }
    for (const partition of this.#paused) this.#resume(partition);
    if (forgotten) this.#break(new Error('The group had given up this consumer; it starts over'));
    onAssigned([...this.#assigned]);
    this.#wake.ring();
  }

  #letGo(partition: number): void {
    const worker = this.#workers.get(partition);
    if (!worker) return;
    worker.stop();
    if (worker.busy) this.#break(new Error('A partition was taken away while a message of it was being handled'));
    this.#workers.delete(partition);
  }

  #take(payload: EachBatchPayload): void {
    const { partition, messages } = payload.batch;
    this.#commit = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    const [first] = messages;
    if (this.#ending || !first || !this.#assigned.has(partition)) return;
    const worker = this.#workers.get(partition) ?? this.#startWorker(partition, Number(first.offset) - 1);
    for (const record of messages)
      worker.push(this.#options.read(record, `${String(partition)}:${record.offset}`), Number(record.offset));
    if (worker.hasRoom) return;
    payload.pause();
    this.#paused.add(partition);
  }

  #startWorker(partition: number, after: number): PartitionWorker {
    const { clock, handle, onHandlerFault, onSign } = this.#options;
    const worker = new PartitionWorker({
      clock,
      after,
      handle,
      onFault: onHandlerFault,
      onProgress: () => {
        onSign();
        if (this.#paused.has(partition) && worker.hasRoom) this.#resume(partition);
        this.#wake.ring();
      },
    });
    this.#workers.set(partition, worker);
    this.#committed.set(partition, after);
    this.#finished.push(worker.finished);
    return worker;
  }

  #resume(partition: number): void {
    if (this.#ending || this.#broken !== null) return;
    this.#paused.delete(partition);
    this.#consumer?.resume([{ topic: this.#options.topic, partitions: [partition] }]);
  }

  async #commitHandled(): Promise<void> {
    const moved = [...this.#workers]
      .map(([partition, { handled }]) => [partition, handled] as const)
      .filter(([partition, handled]) => handled !== this.#committed.get(partition));
    if (!this.#commit || moved.length === 0) return;
    const taken = await commitGently(this.#commit, this.#options.topic, moved);
    if (!taken) {
      this.#wake.ring();
      return;
    }
    for (const [partition, handled] of moved) this.#committed.set(partition, handled);
    this.#options.onSign();
  }
}
