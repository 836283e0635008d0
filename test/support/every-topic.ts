import { within } from '@rollbook/shared/message-feed/kafka/within';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { deadLetterTopic } from '@rollbook/shared/message-feed/kafka/topic-names';
import type { KafkaRig } from './kafka-rig.ts';

/** What the broker itself notes of consumers, in the broker that tests share. */
const OFFSETS = '__consumer_offsets';

/** Every record of every topic of the rig, and of the consumers' offsets: keys, values and headers as Latin-1 text. */
export const everyTopic = async (rig: KafkaRig): Promise<ReadonlyMap<string, string>> => {
  const prefix = new URL(rig.url).searchParams.get('prefix') ?? '';
  const admin = rig.kafka.admin();
  await admin.connect();
  const there = await admin.listTopics();
  await admin.disconnect();
  const topics = [rig.topic, deadLetterTopic(prefix, 'mailer-worker'), ...there.filter((name) => name === OFFSETS)];
  const found = new Map<string, string>();
  for (const topic of topics) {
    const records = await within(systemClock, 60_000, `reading ${topic}`, rig.readTopic(topic));
    const text = records.map(({ raw, headers }) =>
      [raw.key, raw.value].map((part) => part?.toString('latin1') ?? '').concat(JSON.stringify(headers)),
    );
    found.set(`topic ${topic}`, text.flat().join('\n'));
  }
  return found;
};
