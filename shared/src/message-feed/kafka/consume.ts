import type { Kafka, KafkaMessage } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import type { ConsumeOptions, ReceivedMessage } from '../port.ts';
import type { AdminLine } from './admin-line.ts';
import { fromRecord } from './cloud-event.ts';
import { Membership } from './membership.ts';
import { watchProgress, type FeedStalled } from './progress-watchdog.ts';

export interface ConsumeParts {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly admin: AdminLine;
  readonly topic: string;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly stallAfterMs: number;
  readonly onStalled: (fault: FeedStalled) => void;
  /** Puts a record that is no message of this feed into the group's dead letters. */
  readonly bury: (record: KafkaMessage, place: string, reason: string) => Promise<void>;
}

/** Consumes until the signal; starts over after a fault, with backoff. */
export const consume = async (parts: ConsumeParts, options: ConsumeOptions): Promise<void> => {
  const { clock, topic, groupId } = parts;
  const { signal, onFault } = options;
  let failures = 0;
  let lastSign = clock.now();
  let assigned: readonly number[] | null = null;
  // Of a record that nobody can read, what to do with it; by the place of the message that stands for it.
  const unreadable = new Map<string, () => Promise<void>>();

  const read = (record: KafkaMessage, place: string): ReceivedMessage => {
    try {
      return { ...fromRecord(record), place };
    } catch (fault) {
      const reason = Error.isError(fault) ? fault.message : 'It cannot be read';
      unreadable.set(place, async () => {
        await parts.bury(record, place, reason);
        // What the mapping says may quote what it tripped over; it stays in the dead letter.
        await options.onBuried?.(place, 'no message of this feed');
      });
      return { id: place, key: record.key?.toString() ?? place, type: '', position: '', time: '', data: {}, place };
    }
  };
  const handle = async (message: ReceivedMessage): Promise<void> => {
    const bury = unreadable.get(message.place);
    if (!bury) {
      await options.handle(message);
      return;
    }
    await bury();
    unreadable.delete(message.place);
    onFault?.(new Error(`The record at ${message.place} cannot be read; it is in the dead letters`));
  };
  const member = (): Membership =>
    new Membership({
      ...parts,
      signal,
      read,
      handle,
      onHandlerFault: (fault) => onFault?.(fault),
      onAssigned: (partitions) => {
        assigned = partitions;
        failures = 0;
      },
      onSign: () => (lastSign = clock.now()),
    });

  const consuming = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await member().run();
      } catch (fault) {
        onFault?.(fault);
        failures += 1;
        await clock.sleep(Math.min(50 * 2 ** failures, 5_000), signal);
      }
    }
  };
  const lag = (): Promise<number | null> =>
    lagOf(parts.admin, topic, groupId, (partition) => assigned?.includes(partition) ?? true).catch(() => null);
  const { stallAfterMs, onStalled } = parts;
  const watching = watchProgress({ clock, signal, lag, lastSign: () => lastSign, stallAfterMs, onStalled });
  await Promise.all([consuming(), watching]);
};

/** How many messages of these partitions the group has not committed. */
export const lagOf = (
  line: AdminLine,
  topic: string,
  groupId: string,
  counts: (partition: number) => boolean,
): Promise<number> =>
  line.ask('lag', async (admin) => {
    const [ends, committed] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId, topics: [topic] }),
    ]);
    const reached = new Map(committed.flatMap(({ partitions }) => partitions.map((p) => [p.partition, p.offset])));
    return ends
      .filter(({ partition }) => counts(partition))
      .map(({ partition, high, low }) => Number(high) - Math.max(Number(reached.get(partition) ?? -1), Number(low)))
      .reduce((sum, behind) => sum + Math.max(behind, 0), 0);
  });
