import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import type { AdminLine } from './admin-line.ts';
import { RETRY } from './kafka-client.ts';
import { FeedTimeout, within } from './within.ts';

export interface ReadTopicOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly admin: AdminLine;
  readonly topic: string;
  /** A group that never commits. Of two readers of one group the second waits until the first is done. */
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** Called one after the other; after a rebalance again from the beginning. `place`: `partition:offset`. */
  readonly handle: (record: KafkaMessage, place: string) => Promise<void>;
}

/** Milliseconds without a record, after which a reader gives up: longer than a vanished reader is waited for. */
const IDLE = 30_000;

/** Reads what stands in a topic now, and commits nothing. Throws what `handle` throws, FeedTimeout, kafkajs's faults. */
export const readTopic = async (options: ReadTopicOptions): Promise<void> => {
  const { kafka, clock, admin, topic, groupId, sessionTimeoutMs, handle } = options;
  const ends = await admin.ask('offsets', (line) => line.fetchTopicOffsets(topic));
  const open = new Map(ends.filter(({ low, high }) => low !== high).map((end) => [end.partition, Number(end.high)]));
  if (open.size === 0) return;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: Math.min(1_000, sessionTimeoutMs / 4),
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<undefined>();
  // Whoever awaits it hears of the fault; it may come before that.
  ended.catch(() => undefined);
  const over = new AbortController();
  let lastSign = clock.now();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    reject(payload.error);
  });

  const start = async (): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        const { partition, messages } = payload.batch;
        for (const record of messages) {
          const end = open.get(partition) ?? 0;
          const offset = Number(record.offset);
          if (over.signal.aborted) return;
          // What was put in since the reading began is not looked at: it could go on for ever.
          if (offset < end) {
            try {
              await handle(record, `${String(partition)}:${record.offset}`);
            } catch (fault) {
              over.abort();
              reject(fault);
              return;
            }
          }
          lastSign = clock.now();
          if (offset + 1 >= end) open.delete(partition);
          if (open.size === 0) resolve(undefined);
          await payload.heartbeat();
        }
      },
    });
  };
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.sleep(500, over.signal);
      if (clock.now() - lastSign > IDLE) reject(new FeedTimeout(`Kafka gave no record of ${topic} for 30 s`));
    }
  };

  const watching = watch();
  try {
    await within(clock, IDLE, 'join', start());
    await ended;
  } finally {
    over.abort();
    await watching;
    await within(clock, 5_000, 'disconnect', consumer.disconnect()).catch(() => undefined);
  }
};
