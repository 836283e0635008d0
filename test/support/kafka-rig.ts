import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Kafka, logLevel, type Admin, type IHeaders } from 'kafkajs';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { fromRecord, textHeaders } from '@rollbook/shared/message-feed/kafka/cloud-event';
import { KafkaMessageFeed, type KafkaMessageFeedOptions } from '@rollbook/shared/message-feed/kafka/kafka-message-feed';
import { deadLetterTopic, feedTopic } from '@rollbook/shared/message-feed/kafka/topic-names';
import { createTopics } from '@rollbook/shared/message-feed/kafka/topics';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';

/** A record as it stands in a topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: { readonly key: Buffer | null; readonly value: Buffer | null; readonly headers?: IHeaders };
}

/** Topics of a test's own on a broker that others use too. */
export interface KafkaRig {
  readonly url: string;
  readonly topic: string;
  readonly kafka: Kafka;
  open(options?: Partial<KafkaMessageFeedOptions>): KafkaMessageFeed;
  /** Everything that stands in the topic, in order per partition. */
  readTopic(topic?: string): Promise<readonly TopicRecord[]>;
  messages(): Promise<readonly FeedMessage[]>;
  deadLetters(group: string): Promise<readonly TopicRecord[]>;
  /** Breaks every connection of the feeds that were opened here. */
  cutConnections(): void;
  close(): Promise<void>;
}

/** A topic that was made a moment ago may have a leader that does not know it yet. */
const endsOf = async (admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (fault) {
      if ((fault as { retriable?: boolean }).retriable !== true || tries === 50) throw fault;
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }
};

export async function kafkaRig(address: string, groups: readonly string[] = ['mailer']): Promise<KafkaRig> {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const url = `kafka://${address}?prefix=${prefix}`;
  await createTopics(url, { replication: 1, minInSyncReplicas: 1, groups }, systemClock);
  const kafka = new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING });
  const sockets = new Set<Socket>();
  const topic = feedTopic(prefix);

  const readTopic = async (name = topic): Promise<readonly TopicRecord[]> => {
    const admin = kafka.admin();
    await admin.connect();
    const ends = (await admin.listTopics()).includes(name) ? await endsOf(admin, name) : [];
    const open = new Map(ends.filter(({ high, low }) => high !== low).map((end) => [end.partition, Number(end.high)]));
    const records: TopicRecord[] = [];
    if (open.size > 0) {
      const groupId = `${prefix}reader-${randomUUID()}`;
      const reader = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
      await reader.connect();
      await reader.subscribe({ topic: name, fromBeginning: true });
      await new Promise<void>((all, fail) => {
        reader.on(reader.events.CRASH, ({ payload }) => {
          // One that can be tried again is: a broker that has just started is not ready for groups yet.
          if (!payload.restart) fail(payload.error);
        });
        void reader.run({
          autoCommit: false,
          eachBatch: ({ batch: { partition, messages } }) => {
            for (const { key, value, headers, offset } of messages) {
              const raw = { key, value, ...(headers ? { headers } : {}) };
              const [keyText, valueText] = [key?.toString() ?? null, value?.toString() ?? null];
              const place = { partition, offset: Number(offset) };
              records.push({ ...place, key: keyText, value: valueText, headers: textHeaders(headers), raw });
              if (place.offset + 1 >= (open.get(partition) ?? 0)) open.delete(partition);
            }
            if (open.size === 0) all();
            return Promise.resolve();
          },
        });
      });
      await reader.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
    await admin.disconnect();
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  };

  return {
    url,
    topic,
    kafka,
    readTopic,
    open: (options = {}) =>
      new KafkaMessageFeed({
        url,
        clock: systemClock,
        onStalled: (fault) => {
          throw fault;
        },
        socketFactory: ({ host, port, onConnect }) => {
          const socket = connect(port, host, onConnect);
          sockets.add(socket);
          socket.on('close', () => sockets.delete(socket));
          return socket;
        },
        ...options,
      }),
    messages: async () => (await readTopic()).map(({ raw }) => fromRecord({ headers: {}, ...raw })),
    deadLetters: (group) => readTopic(deadLetterTopic(prefix, group)),
    cutConnections: () => {
      // As a reset by the other side looks; kafkajs does not notice a plain `destroy`.
      for (const socket of sockets) socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    },
    close: async () => {
      const admin = kafka.admin();
      await admin.connect();
      const ours = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
      await admin.deleteTopics({ topics: ours }).catch(() => undefined);
      await admin.disconnect();
    },
  };
}
