import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import type { Position } from '@rollbook/shared/event-log/event';
import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';
import { start as startProjector } from '../../projector/src/main.ts';
import { until } from '../support/feed-audience.ts';
import { ownKafka } from '../support/kafka.ts';
import { kafkaRig, type KafkaRig } from '../support/kafka-rig.ts';
import { startMailRig, type MailRig } from '../support/mail-rig.ts';
import { testSecrets } from '../support/test-secrets.ts';

// `npm run test:faults` has the full figures.
const full = process.env['FAULTS'] === 'full';
const PEOPLE = full ? 5_000 : 160;
const KILLS = full ? 5 : 2;
const LIMIT = full ? 900_000 : 90_000;

const broker = await ownKafka();
const suite = broker === null ? describe.skip : describe;

const idsByKey = (messages: readonly FeedMessage[]): Map<string, string[]> => {
  const firsts = new Map<string, Set<string>>();
  for (const { key, id } of messages) firsts.set(key, (firsts.get(key) ?? new Set()).add(id));
  return new Map([...firsts].map(([key, ids]) => [key, [...ids]]));
};

/** The public messages of everything in the log, in its order. */
const messagesOfLog = async (url: string): Promise<FeedMessage[]> => {
  const store = new PostgresEventStore({ url, clock: systemClock, random: systemRandom });
  const messages: FeedMessage[] = [];
  let after: Position | null = null;
  for (;;) {
    const page = await store.readAll({ after });
    messages.push(...page.events.flatMap((event) => toPublicMessage(event) ?? []));
    if (page.atEnd) break;
    after = page.position;
  }
  await store.close();
  return messages;
};

suite('With a broker that dies and comes back', () => {
  let kafka: KafkaRig;
  let rig: MailRig;

  beforeAll(async () => {
    [kafka, rig] = await Promise.all([kafkaRig(broker?.address ?? '', ['mailer-worker']), startMailRig()]);
  });
  afterAll(async () => {
    await rig.close();
    await broker?.stop();
  });

  test(
    'two relays and two mailers lose nothing: each event is in the topic, in order per person, and each mail went out once',
    async () => {
      const databaseUrl = rig.env['DATABASE_URL'] ?? '';
      const env = { ...testSecrets(), ...rig.env, EVENT_STORE_URL: databaseUrl, MESSAGE_FEED_URL: kafka.url };
      rig.env['MESSAGE_FEED_URL'] = kafka.url;
      const projectors = [await startProjector(env), await startProjector(env)] as const;
      const mailers = await Promise.all([rig.startMailer(), rig.startMailer()]);

      const relayed = async (): Promise<number> => {
        const { rows } = await rig.pool.query<{ n: string }>(
          `select events_count as n from read_model.projections where name = 'relay'`,
        );
        return Number(rows[0]?.n ?? 0);
      };
      let written = 0;
      const write = (people: number): Promise<unknown> => {
        let left = people;
        return Promise.all(
          Array.from({ length: 8 }, async () => {
            while (left-- > 0) {
              await rig.register();
              written += 1;
            }
          }),
        );
      };
      const recoveredIn: number[] = [];
      const perKill = PEOPLE / KILLS;
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const writing = write(perKill);
        await until(
          'the relay is in the middle of it',
          async () => (await relayed()) > 2 * perKill * (kill - 0.7),
          LIMIT,
        );
        await broker?.kill();
        const killed = Date.now();
        if (kill === 1) await Promise.all([projectors[0].stop(), mailers[0].stop()]);
        await broker?.start();
        const seen = 2 * written;
        await until('the relay has caught up', async () => (await relayed()) >= seen, 60_000);
        recoveredIn.push(Date.now() - killed);
        await writing;
      }
      const sent = async (): Promise<number> => {
        const { rows } = await rig.pool.query<{ n: string }>(
          `select count(*) as n from mailer.deliveries where status = 'sent'`,
        );
        return Number(rows[0]?.n);
      };
      await until('all mails went out', async () => (await sent()) === PEOPLE, LIMIT);
      await projectors[1].stop();

      const inLog = await messagesOfLog(databaseUrl);
      const inTopic = await kafka.messages();
      expect(inLog).toHaveLength(2 * PEOPLE);
      expect(new Set(inTopic.map(({ id }) => id))).toEqual(new Set(inLog.map(({ id }) => id)));
      expect(idsByKey(inTopic)).toEqual(idsByKey(inLog));
      // Neither a relay nor a mailer was killed, so the inbox folds every repeat.
      const mails = rig.smtp.received.map(({ mail }) => mail.messageId);
      expect(new Set(mails).size).toBe(PEOPLE);
      expect(mails).toHaveLength(PEOPLE);
      for (const ms of recoveredIn) expect(ms).toBeLessThan(30_000);
      if (full)
        process.stdout.write(
          `${String(inLog.length)} events, ${String(KILLS)} kills, ${String(inTopic.length - inLog.length)} repeats in ` +
            `the topic, ${String(mails.length)} mails; from the broker's death until the relay had caught up: ${recoveredIn.join(', ')} ms\n`,
        );
    },
    LIMIT,
  );
});
