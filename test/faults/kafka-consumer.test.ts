import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { KafkaMessageFeed } from '@rollbook/shared/message-feed/kafka/kafka-message-feed';
import { createTopics } from '@rollbook/shared/message-feed/kafka/topics';
import { createTopicsFrom } from '../../deploy/kafka-topics.ts';
import { Listener, messageOf, until } from '../support/feed-audience.ts';
import { testKafka } from '../support/kafka.ts';
import { kafkaRig, type KafkaRig } from '../support/kafka-rig.ts';

const address = await testKafka();
const suite = address === null ? describe.skip : describe;

suite('A feed in Kafka', () => {
  let rig: KafkaRig;
  const feeds: KafkaMessageFeed[] = [];
  const stalls: unknown[] = [];
  const open: KafkaRig['open'] = (options = {}) => {
    const feed = rig.open({ onStalled: (fault) => stalls.push(fault), ...options });
    feeds.push(feed);
    return feed;
  };

  beforeEach(async () => {
    stalls.length = 0;
    rig = await kafkaRig(address ?? '');
  });
  afterEach(async () => {
    await Promise.all(feeds.splice(0).map((feed) => feed.close()));
    await rig.close();
  });

  test('carries a message as a CloudEvent in binary mode, with the person as the key', async () => {
    await open().publish([messageOf('anna', 1)]);
    const [record] = await rig.readTopic();
    expect(record).toMatchObject({ key: 'anna', value: JSON.stringify({ user_id: 'anna', n: 1 }) });
    expect(record?.headers).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'anna-1',
      ce_source: '/rollbook/users',
      ce_type: 'rollbook.test.happened.v1',
      ce_time: '2026-01-02T03:04:05.678Z',
      ce_subject: 'anna',
      ce_partitionkey: 'anna',
      ce_datacontenttype: 'application/json',
      ce_position: '00000000000000000001',
      ce_schemaversion: '1',
    });
  });

  test('puts a record that nobody can read into the dead letters as it is, and goes on', async () => {
    const producer = rig.kafka.producer();
    await producer.connect();
    await producer.send({ topic: rig.topic, messages: [{ key: 'anna', value: '{broken', headers: { who: 'knows' } }] });
    await producer.disconnect();
    const feed = open();
    await feed.publish([messageOf('anna', 1)]);
    const listener = new Listener(feed, 'mailer');
    await until('the message behind it came', () => listener.ids.includes('anna-1'));
    await listener.stop();
    expect(listener.ids).toEqual(['anna-1']);
    const [dead, ...more] = await rig.deadLetters('mailer');
    expect(more).toEqual([]);
    expect(dead).toMatchObject({ key: 'anna', value: '{broken', headers: { who: 'knows' } });
    expect(dead?.headers['dead_reason']).toMatch(/^It is not a CloudEvent/);
    expect(listener.faults).toHaveLength(1);
  });

  test('calls for the end of the process when messages wait and nothing is handled', async () => {
    const feed = open({ stallAfterMs: 1_500 });
    await feed.publish([messageOf('anna', 1)]);
    let goOn = (): void => undefined;
    const listener = new Listener(feed, 'mailer', () => new Promise((resolve) => (goOn = resolve)));
    await until('it was noticed', () => stalls.length > 0);
    expect(stalls).toHaveLength(1);
    expect(String(stalls[0])).toMatch(/^FeedStalled: 1 messages wait/);
    goOn();
    await listener.stop();
  });

  test('does not take a handler that fails for a stall', async () => {
    const feed = open({ stallAfterMs: 1_500 });
    await feed.publish([messageOf('anna', 1)]);
    const listener = new Listener(feed, 'mailer', () => {
      throw new Error('The mail server is away');
    });
    await until('it failed often', () => listener.faults.length >= 5);
    await listener.stop();
    expect(stalls).toEqual([]);
  });

  test('gives the topics that are missing, once, and refuses one with other partitions', async () => {
    const lines: string[] = [];
    const terminal = { log: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const env = { KAFKA_REPLICATION: '1', KAFKA_MIN_INSYNC_REPLICAS: '1', KAFKA_GROUPS: 'mailer,billing' };
    expect(await createTopicsFrom({ ...env, MESSAGE_FEED_URL: rig.url }, terminal)).toBe(0);
    expect(await createTopicsFrom({ ...env, MESSAGE_FEED_URL: rig.url }, terminal)).toBe(0);
    const prefix = rig.topic.replace('user-events.v1', '');
    expect(lines).toEqual([`Created ${prefix}user-events.billing.dlq.`, 'All topics are there.']);
    const admin = rig.kafka.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: rig.topic, count: 13 }] });
    await admin.disconnect();
    const options = { replication: 1, minInSyncReplicas: 1, groups: [] };
    await expect(createTopics(rig.url, options, systemClock)).rejects.toThrow(/has 13 partitions and needs 12/);
    expect(await createTopicsFrom({ MESSAGE_FEED_URL: 'kafka://a?tls=perhaps' }, terminal)).toBe(78);
  });

  test('says in time that it cannot be reached, or lacks its topic', async () => {
    const away = open({ url: 'kafka://127.0.0.1:1' });
    const asked = Date.now();
    await expect(away.ping()).rejects.toThrow();
    expect(Date.now() - asked).toBeLessThan(5_000);
    await expect(away.publish([messageOf('anna', 1)])).rejects.toThrow();
    const homeless = new KafkaMessageFeed({
      url: `kafka://${address ?? ''}?prefix=nobody-made-this.`,
      clock: systemClock,
      onStalled: () => undefined,
    });
    feeds.push(homeless);
    await expect(homeless.ping()).rejects.toThrow();
    await expect(homeless.publish([messageOf('anna', 1)])).rejects.toThrow();
  });
});
