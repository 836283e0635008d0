import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { KafkaMessageFeed } from '@rollbook/shared/message-feed/kafka/kafka-message-feed';
import { createTopicsFrom } from '../../deploy/kafka-topics.ts';
import { selfSigned } from '../support/certificate.ts';
import { startFile } from '../support/child-process.ts';
import { Listener, messageOf, until } from '../support/feed-audience.ts';
import { securedKafka } from '../support/kafka.ts';

const PASSWORD = 'Br0ker@pass:word';
const pair = `rollbook:${encodeURIComponent(PASSWORD)}`;
const certificate = selfSigned();
const broker = await securedKafka(certificate, { rollbook: PASSWORD });

(broker === null ? describe.skip : describe)('A Kafka with users and TLS', () => {
  const { open = '', encrypted = '' } = broker ?? {};
  const one = { KAFKA_REPLICATION: '1', KAFKA_MIN_INSYNC_REPLICAS: '1' };
  const feeds: KafkaMessageFeed[] = [];
  const stalls: unknown[] = [];
  const connect = (url: string): KafkaMessageFeed => {
    const feed = new KafkaMessageFeed({ url, clock: systemClock, onStalled: (fault) => stalls.push(fault) });
    feeds.push(feed);
    return feed;
  };
  let folder: string;
  let authority: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollbook-kafka-tls-'));
    authority = join(folder, 'ca.crt');
    await writeFile(authority, certificate.certificate);
    const quiet = { log: () => undefined, error: () => undefined };
    expect(await createTopicsFrom({ ...one, MESSAGE_FEED_URL: `kafka://${pair}@${open}` }, quiet)).toBe(0);
  });
  afterEach(async () => {
    await Promise.all(feeds.splice(0).map((feed) => feed.close()));
  });
  afterAll(async () => {
    await broker?.stop();
    await rm(folder, { recursive: true });
  });

  test.each(['', '?sasl=scram-sha-512', '?sasl=scram-sha-256', '?sasl=plain'])(
    'lets us publish and consume with the name and password of the URL (kafka://…%s)',
    async (options) => {
      const feed = connect(`kafka://${pair}@${open}${options}`);
      await feed.ping();
      const message = messageOf(`anna${options}`, 1);
      await feed.publish([message]);
      const listener = new Listener(feed, `group${options.replace(/\W/g, '-')}`);
      await until('the message came', () => listener.ids.includes(message.id));
      await listener.stop();
      // A broker that is still loading its groups says so, and is asked again.
      const final = listener.faults.filter((fault) => (fault as { retriable?: boolean }).retriable !== true);
      expect(final).toEqual([]);
    },
  );

  test.each([
    ['a wrong password', 'rollbook:not-it'],
    ['a name that nobody has', 'somebody:not-it'],
  ])('%s is told clearly, and not as a broker that is away', async (_, wrong) => {
    const feed = connect(`kafka://${wrong}@${open}`);
    await expect(feed.ping()).rejects.toThrow(/authentication failed/i);
    await expect(feed.publish([messageOf('anna', 1)])).rejects.toThrow(/authentication failed/i);
    const listener = new Listener(feed, 'mailer');
    await until('it was told more than once', () => listener.faults.length >= 2);
    await listener.stop();
    expect(String(listener.faults[0])).toMatch(/authentication failed/i);
    expect([listener.ids, stalls]).toEqual([[], []]);
    const said: string[] = [];
    const terminal = { log: (line: string) => said.push(line), error: (line: string) => said.push(line) };
    expect(await createTopicsFrom({ ...one, MESSAGE_FEED_URL: `kafka://${wrong}@${open}` }, terminal)).toBe(1);
    expect(said).toEqual([expect.stringMatching(/^The topics could not be created: .*authentication failed/i)]);
    expect(said.join()).not.toContain('not-it');
  });

  test('without a name and password nothing is told to us', async () => {
    await expect(connect(`kafka://${open}`).ping()).rejects.toThrow();
  });

  test('is spoken to through TLS where its authority is known, and not where it is not', async () => {
    const MESSAGE_FEED_URL = `kafka://${pair}@${encrypted}?tls=true&prefix=tls.`;
    const topics = 'deploy/kafka-topics.ts';
    const distrusting = await startFile(topics, [], { ...one, MESSAGE_FEED_URL }).exit;
    expect([distrusting.code, distrusting.said]).toEqual([1, expect.stringContaining('self-signed certificate')]);
    const trusting = await startFile(topics, [], { ...one, MESSAGE_FEED_URL, NODE_EXTRA_CA_CERTS: authority }).exit;
    expect([trusting.code, trusting.said]).toEqual([0, expect.stringContaining('Created tls.user-events.v1')]);
    for (const { said } of [distrusting, trusting]) expect(said).not.toContain('Br0ker');
  });
});
