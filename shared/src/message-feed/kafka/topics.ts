import type { Admin } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import { PARTITIONS } from '../partition.ts';
import { createKafka } from './kafka-client.ts';
import { parseKafkaUrl } from './kafka-url.ts';
import { deadLetterTopic, feedTopic } from './topic-names.ts';

export interface TopicOptions {
  /** Copies of each message. */
  readonly replication: number;
  /** Copies that must be written before a message counts as published. */
  readonly minInSyncReplicas: number;
  /** Groups that get a topic for dead letters. */
  readonly groups: readonly string[];
}

/** What is the matter with a topic that is there already. */
export class TopicUnsuitable extends Error {
  override readonly name = 'TopicUnsuitable';
}

/**
 * Creates the topics that are missing, and gives their names; those that are there keep their settings. Throws
 * TopicUnsuitable for one with another number of partitions: keys would move, and their order would break.
 */
export const createTopics = async (url: string, options: TopicOptions, clock: Clock): Promise<string[]> => {
  const settings = parseKafkaUrl(url);
  const { prefix } = settings;
  const admin = createKafka({ settings, clientId: 'rollbook-topics' }).admin();
  const wanted = [
    { topic: feedTopic(prefix), numPartitions: PARTITIONS },
    // Of two names that differ in `-worker` only, one topic.
    ...[...new Set(options.groups.map((group) => deadLetterTopic(prefix, group)))].map((topic) => ({
      topic,
      numPartitions: 1,
    })),
  ];
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !there.has(topic));
    await checkPartitions(
      admin,
      wanted.filter(({ topic }) => there.has(topic)),
    );
    if (missing.length === 0) return [];
    await admin.createTopics({
      // kafkajs gives up when the broker asked has not heard of the topic yet.
      waitForLeaders: false,
      topics: missing.map((each) => ({
        ...each,
        replicationFactor: options.replication,
        configEntries: [
          { name: 'min.insync.replicas', value: String(options.minInSyncReplicas) },
          // As in the small profile: kept until the operator decides otherwise, counted from their arrival.
          { name: 'retention.ms', value: '-1' },
          { name: 'message.timestamp.type', value: 'LogAppendTime' },
        ],
      })),
    });
    const created = missing.map(({ topic }) => topic);
    await untilLed(admin, created, clock);
    return created;
  } finally {
    await admin.disconnect();
  }
};

/** Waits until every partition has a leader, at most 10 s. */
const untilLed = async (admin: Admin, topics: string[], clock: Clock): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
      if (tries === 100) throw new TopicUnsuitable('The new topics have no leaders after 10 s.');
    } catch (fault) {
      if (tries === 100) throw fault;
    }
    await clock.sleep(100);
  }
};

const checkPartitions = async (
  admin: Admin,
  topics: readonly { readonly topic: string; readonly numPartitions: number }[],
): Promise<void> => {
  if (topics.length === 0) return;
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
  for (const { name, partitions } of metadata.topics) {
    const wanted = topics.find(({ topic }) => topic === name)?.numPartitions;
    if (partitions.length !== wanted)
      throw new TopicUnsuitable(`${name} has ${String(partitions.length)} partitions and needs ${String(wanted)}.`);
  }
};
