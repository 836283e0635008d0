import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PUBLIC_EVENTS, readPublicData, type PublicEventType } from '@rollbook/shared/contracts/public-events';
import { openPart } from '@rollbook/shared/event-log/open-event';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import type { FeedMessage, MessageFeed } from '@rollbook/shared/message-feed/port';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';
import { Listener, until } from '../../support/feed-audience.ts';
import { PERSON_ID } from '../../support/given.ts';
import { happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';
import { SAMPLE_EVENTS } from '../../support/sample-events.ts';

const verificationRequest = (username: string) => ({
  type: 'EmailVerificationRequested' as const,
  data: { withRejection: true, portal: null, emailDigest: 'digest' },
  personal: { email: `${username}@example.com`, username },
});

describe('The relay', () => {
  let rig: ProjectorRig;
  let feed: MessageFeed;

  beforeEach(async () => {
    rig = await projectorRig();
    feed = new PostgresMessageFeed({ url: rig.database.url, clock: systemClock });
  });
  afterEach(async () => {
    await feed.close();
    await rig.close();
  });

  test('gives the mailer what it needs, readable only with the key of the person', async () => {
    const people = peopleIn(rig);
    const anna = await people.register('anna', verificationRequest('anna'));
    await rig.project();
    const listener = new Listener(feed, 'mailer');
    await until('the request came', () => listener.received.length === 2);
    await listener.stop();
    const [registered, requested] = listener.received;
    expect(registered).toMatchObject({ key: anna, type: 'rollbook.user.registered.v1' });
    expect(registered!.data).toEqual({ user_id: anna, revision: 0, role: 'user', via: 'self' });
    const type: PublicEventType = 'rollbook.user.email-verification-requested.v1';
    expect(requested!.type).toBe(type);
    const data = readPublicData(type, requested!);
    const key = await rig.keys.find(anna);
    expect(openPart(data.event, data.sealed[0]!, key)).toEqual({
      data: { email: 'anna@example.com', username: 'anna' },
    });
    expect(openPart(data.event, data.sealed[0]!, 'destroyed')).toBe('erased');
    const stored = await rig.pool.query<{ text: string }>('select m::text as text from message_feed.messages as m');
    expect(stored.rows.map(({ text }) => text).join('\n')).not.toMatch(/anna|First|digest|pepper/);
  });

  // The listener holds each of them against asyncapi.json.
  test('lets a message of every public type out, and each is as it is described', async () => {
    for (const { stream, event } of Object.values(SAMPLE_EVENTS))
      if (stream.endsWith(PERSON_ID)) await happen(rig, stream.replace(PERSON_ID, randomUUID()), event);
    await rig.project();
    const listener = new Listener(feed, 'mailer');
    const types = () => new Set(listener.received.map(({ type }) => type));
    await until('all came', () => types().size === Object.keys(PUBLIC_EVENTS).length);
    await listener.stop();
    expect(types()).toStrictEqual(new Set(Object.keys(PUBLIC_EVENTS)));
  });

  test('takes what is older than 30 days out of the feed, once every consumer is past it', async () => {
    const people = peopleIn(rig);
    await people.register('anna');
    const before = await rig.project();
    await rig.caughtUp('relay');
    const listener = new Listener(feed, 'mailer');
    await until('it came', () => listener.received.length === 1);
    await listener.stop();
    await people.register('ben');
    await rig.caughtUp('relay');
    await before.stop();
    await rig.pool.query(`update message_feed.messages set published_at = now() - interval '31 days'`);
    const [first, second] = (
      await rig.pool.query<{ seq: string }>('select seq from message_feed.messages order by seq')
    ).rows;
    await rig.project();
    const left = async (): Promise<readonly string[]> =>
      (await rig.pool.query<{ seq: string }>('select seq from message_feed.messages')).rows.map(({ seq }) => seq);
    await until('the first is gone', async () => !(await left()).includes(first!.seq));
    expect(await left()).toEqual([second!.seq]);
  });

  test('lets no claim, roster, service or sign-in event out', async () => {
    const people = peopleIn(rig);
    const anna = await people.register('anna');
    await people.signIn(anna);
    const claim = { userId: anna, expiresAt: '2026-01-02T03:04:05.678Z' };
    await happen(rig, 'emailclaim-x', { type: 'EmailClaimed', data: claim, personal: null });
    await happen(rig, 'adminroster', { type: 'AdminListed', data: { grantId: anna, userId: anna }, personal: null });
    await people.erase(anna);
    await rig.project();
    await rig.caughtUp('relay');
    const { rows } = await rig.pool.query<{ type: string }>('select type from message_feed.messages order by seq');
    expect(rows.map(({ type }) => type)).toEqual(['rollbook.user.registered.v1', 'rollbook.user.erased.v1']);
  });

  test('only repeats when it fails between the acknowledgement and the saved position', async () => {
    const published: FeedMessage[] = [];
    let publishes = 0;
    // It takes the messages, and the answer is lost, every second time.
    const flaky: MessageFeed = {
      publish: async (messages) => {
        published.push(...messages);
        await feed.publish(messages);
        publishes += 1;
        if (publishes % 2 === 1) throw new Error('The answer was lost');
      },
      consume: (options) => feed.consume(options),
      deadLetter: (...args) => feed.deadLetter(...args),
      readDeadLetters: (...args) => feed.readDeadLetters(...args),
      forget: (key) => feed.forget(key),
      prune: (olderThanMs) => feed.prune(olderThanMs),
      ping: () => feed.ping(),
      close: () => feed.close(),
    };
    const people = peopleIn(rig);
    await rig.project({ feed: flaky });
    const ids = await Promise.all(
      ['ann', 'bob', 'cid'].map(async (name) => {
        const id = await people.register(name);
        for (let n = 0; n < 10; n += 1) await people.verify(id);
        return id;
      }),
    );
    await rig.caughtUp('relay');
    expect(published.length).toBeGreaterThan(33);
    for (const id of ids) {
      const firsts = [...new Set(published.filter(({ key }) => key === id).map(({ id: message }) => message))];
      const inLog = await rig.store.read(`user-${id}`);
      expect(firsts).toEqual(inLog.map((event) => event.id));
    }
  });

  test('may run twice at once: every message is there, in order per person', async () => {
    const people = peopleIn(rig);
    const [one, two] = [await rig.project(), await rig.project()];
    const anna = await people.register('anna');
    for (let n = 0; n < 30; n += 1) {
      await people.verify(anna);
      if (n === 15) await one.stop();
    }
    await rig.caughtUp('relay');
    await two.stop();
    const { rows } = await rig.pool.query<{ id: string }>('select id from message_feed.messages order by seq');
    const inLog = await rig.store.read(`user-${anna}`);
    expect(rows.map(({ id }) => id)).toEqual(inLog.map(({ id }) => id));
  });
});
