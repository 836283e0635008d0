import { ConfigResourceTypes, type Admin } from 'kafkajs';
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
export const createTopics = async (url: string, options: TopicOptions): Promise<string[]> => {
  const settings = parseKafkaUrl(url);
  const { prefix } = settings;
  const admin = createKafka({ settings, clientId: 'rollbook-topics', onFault: () => undefined }).admin();
  const wanted = [
    { topic: feedTopic(prefix), numPartitions: PARTITIONS },
    ...options.groups.map((group) => ({ topic: deadLetterTopic(prefix, group), numPartitions: 1 })),
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
      waitForLeaders: true,
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
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
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

/** The settings of a topic by name, as the broker reports them. */
export const topicSettings = async (admin: Admin, topic: string): Promise<Map<string, string>> => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  return new Map(resources.flatMap(({ configEntries }) => configEntries.map((e) => [e.configName, e.configValue])));
};
