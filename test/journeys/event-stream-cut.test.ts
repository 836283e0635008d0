import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomInt, randomUUID } from 'node:crypto';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM, sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { toCloudEvent } from '@rollbook/shared/message-feed/cloud-event';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { secretList } from '@rollbook/shared/process/secret-settings';
import { createPool } from '@rollbook/shared/sql/pool';
import { Listener, until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { followEventsOf, type StreamedEvent } from '../support/sse-client.ts';

let rollbook: TestRollbook;
beforeAll(async () => {
  rollbook = await startRollbook();
}, 120_000);
afterAll(() => rollbook.stop());

const PEOPLE = 200;
const CHANGES = 9;
const CUTS = 50;

/** Writes ten public events of each of many people, all mixed, and private ones between them. */
const fill = async (): Promise<void> => {
  const pool = createPool({ url: rollbook.databaseUrl, applicationName: 'test' });
  const masterKeys = new MasterKeys(secretList().parse(rollbook.env['MASTER_KEY']), random);
  const keys = new PostgresKeyRing({ pool, masterKeys, random });
  const log = sealedEventLog({ store: rollbook.store, keys, clock, random });
  const live = async (): Promise<void> => {
    const id = randomUUID();
    const context = {
      actor: { kind: 'person', id },
      origin: null,
      requestId: 'test',
      correlationId: 'test',
      causationId: null,
    } as const;
    const digests = {
      emailDigest: 'e',
      usernameDigest: 'u',
      emailClaimId: randomUUID(),
      usernameClaimId: randomUUID(),
    };
    const data = { via: 'staff', role: 'user', ...digests, hasPassword: true } as const;
    const personal = {
      ...{ email: `${id}@example.com`, username: `u-${id.slice(0, 8)}`, name: null, firstName: null, lastName: null },
      ...{ phone: null, preferences: {}, passwordHash: 'x' },
    };
    const registered = { type: 'UserRegistered', data, personal } as const;
    const changes = Array.from({ length: CHANGES }, (_, n) => {
      const type = n % 2 === 0 ? 'UserDeactivated' : 'SignedOutEverywhere';
      return { type, data: {}, personal: null } as const;
    });
    const stream = userStream(id);
    await log.append(stream, EMPTY_STREAM, [registered], { ...context, commandId: randomUUID() });
    for (const part of [changes.slice(0, 2), changes.slice(2, 5), changes.slice(5)])
      await log.append(stream, (await log.read(stream)).end, part, { ...context, commandId: randomUUID() });
    const noPersonal = {
      type: 'SessionStarted',
      data: { userId: id, ver: 0, expiresAt: 4_000_000_000 },
      personal: null,
    } as const;
    await log.append(`session-${randomUUID()}`, EMPTY_STREAM, [noPersonal], { ...context, commandId: randomUUID() });
  };
  const lanes = Array.from({ length: 10 }, async () => {
    for (let n = 0; n < PEOPLE / 10; n += 1) await live();
  });
  await Promise.all(lanes);
  await pool.end();
};

/** Reads one stream after the other, each cut off after a random number of bytes, until `enough`. */
const readInPieces = async (token: string, enough: (seen: readonly StreamedEvent[]) => boolean) => {
  const seen: StreamedEvent[] = [];
  let lastId: string | null = null;
  let cuts = 0;
  while (!enough(seen)) {
    const stream = await followEventsOf(rollbook.url, token, {
      query: '?from=start',
      headers: lastId === null ? {} : { 'Last-Event-ID': lastId },
      // Most of them end in the middle of an event.
      cutAfter: cuts < CUTS ? randomInt(1, 20_000) : Infinity,
      onEvent: (event) => seen.push(event),
    });
    // The log had no time for it: a reader comes again.
    if (stream.status === 503) {
      await stream.end;
      continue;
    }
    expect(stream.status).toBe(200);
    await until('it was cut, or enough', () => stream.answer.destroyed || enough(seen), 120_000);
    if (stream.answer.destroyed) cuts += 1;
    stream.close();
    await stream.end;
    lastId = stream.lastId ?? lastId;
  }
  return { seen, cuts };
};

test('Two thousand events come through fifty cut connections: all, once, in the order of the log, as in the feed', async () => {
  const journey = journeyOn(rollbook);
  const { body } = await journey.post(
    '/api-keys',
    { name: 'follower', scopes: ['events:read'] },
    { token: await journey.admin() },
  );
  const feed = await connectMessageFeed({
    url: rollbook.env['MESSAGE_FEED_URL'] ?? '',
    clock,
    applicationName: 'test',
    onFault: () => undefined,
    onStalled: () => undefined,
  });
  const topic = new Listener(feed, `audience-${randomUUID()}`);
  const writing = fill();
  const written: string[] = [];
  const reading = readInPieces(String(body.key), (seen) => written.length > 0 && seen.length >= written.length);
  await writing;
  const messages: FeedMessage[] = [];
  await until(
    'the log had time for the test',
    async () => {
      const events = await eventsIn(rollbook).catch(() => []);
      messages.splice(0, messages.length, ...events.flatMap((event) => toPublicMessage(event) ?? []));
      return messages.length > 0;
    },
    60_000,
  );
  written.push(...messages.map(({ id }) => id));
  const { seen, cuts } = await reading;

  expect(written.length).toBeGreaterThanOrEqual(PEOPLE * (CHANGES + 1));
  expect(seen.map(({ data }) => data)).toStrictEqual(
    messages.map((message) => JSON.parse(JSON.stringify(toCloudEvent(message)))),
  );
  expect(seen.map(({ id, type }) => [id, type])).toStrictEqual(messages.map(({ position, type }) => [position, type]));
  expect(cuts).toBe(CUTS);

  await until('the feed has all', () => new Set(topic.ids).size >= written.length, 60_000);
  await topic.stop();
  await feed.close();
  const byPerson = Map.groupBy(seen, ({ data }) => data.subject);
  for (const [person, events] of byPerson)
    expect(events.map(({ data }) => data.id)).toStrictEqual(topic.firstsOf(person));
  const inFeed = new Map(topic.received.map(({ place: _place, ...message }) => [message.id, message]));
  expect([...inFeed.keys()].toSorted()).toStrictEqual(written.toSorted());
  expect(messages.map(({ id }) => inFeed.get(id))).toStrictEqual(messages);
}, 180_000);
