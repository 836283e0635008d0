import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { userStream } from '@rollbook/shared/contracts/streams';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import type { Position } from '@rollbook/shared/event-log/event';
import { until } from '../../support/feed-audience.ts';
import { probe, detailsOf, codeOf } from '../../support/http-probe.ts';
import { LOG_ID, positionOf, startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { followEventsOf, type EventStream, type FollowOptions } from '../../support/sse-client.ts';
import { endSession, signIn, type SignedIn } from '../../support/signed-in.ts';

let api: QueryApi;
let auditor: SignedIn;
const open: EventStream[] = [];
beforeAll(async () => {
  api = await startQueryApi({ streamLimits: { most: 6, each: 3 } });
  auditor = await signIn(api.log, 'auditor');
});
afterEach(async () => {
  const streams = open.splice(0);
  for (const stream of streams) stream.close();
  await Promise.all(streams.map(({ end }) => end));
});
afterAll(() => api.close());

const tokenOf = ({ headers }: SignedIn): string => headers.Authorization.slice('Bearer '.length);
const follow = async (options: FollowOptions = {}, who = auditor): Promise<EventStream> => {
  const stream = await followEventsOf(api.url, tokenOf(who), options);
  open.push(stream);
  return stream;
};
const ask = (query: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  probe(api.url, { method, path: `/v1/events${query}`, headers: { ...auditor.headers, ...headers } });

/** Changes somebody; gives their id. */
const deactivate = async (id: string): Promise<void> => {
  const { end } = await api.log.read(userStream(id));
  const context = { actor: { kind: 'system', id: null }, origin: null, requestId: 'r', correlationId: 'c' } as const;
  await api.log.append(userStream(id), end, [{ type: 'UserDeactivated', data: {}, personal: null }], {
    ...context,
    causationId: null,
    commandId: randomUUID(),
  });
};
const allowed = async (): Promise<readonly string[]> => {
  const { events } = await api.store.readAll({ after: null, limit: 10_000 });
  return events.flatMap((event) => toPublicMessage(event)?.id ?? []);
};
const idsOf = ({ events }: EventStream): readonly string[] => events.map(({ data }) => data.id);

describe('A stream of events', () => {
  test('from the start shows all that is public, in the order of the log, as CloudEvents', async () => {
    const person = await signIn(api.log, 'user');
    const stream = await follow({ query: '?from=start' });
    const expected = await allowed();
    await until('all came', () => stream.events.length === expected.length);
    expect(idsOf(stream)).toStrictEqual(expected);
    const shown = stream.events.find(({ data }) => data.subject === person.id);
    expect(shown).toStrictEqual({
      id: shown?.data.position,
      type: 'rollbook.user.registered.v1',
      data: {
        id: shown?.data.id,
        time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
        type: 'rollbook.user.registered.v1',
        source: '/rollbook/users',
        specversion: '1.0',
        datacontenttype: 'application/json',
        subject: person.id,
        partitionkey: person.id,
        position: shown?.id,
        schemaversion: '1',
        data: { user_id: person.id, revision: 0, role: 'user', via: 'staff' },
      },
    });
    expect(stream.text.startsWith('retry: 2000\n')).toBe(true);
  });

  test('has the headers of a stream that nobody may keep or collect', async () => {
    const { status, headers } = await follow();
    const { 'content-type': type, 'cache-control': cache, 'x-accel-buffering': buffering } = headers;
    expect([status, type, cache, buffering, headers['content-encoding'], headers['projection-position']]).toStrictEqual(
      [200, 'text/event-stream; charset=utf-8', 'no-store', 'no', undefined, await api.store.end()],
    );
  });

  test('begins now without a word, and with what is written from then on', async () => {
    const stream = await follow();
    await until('it says where it begins', () => stream.lastId !== null);
    expect(stream.lastId).toBe(await api.store.end());
    const person = await signIn(api.log, 'user');
    await deactivate(person.id);
    await until('both came', () => stream.events.length === 2);
    expect(stream.events.map(({ type, data }) => [type, data.subject])).toStrictEqual([
      ['rollbook.user.registered.v1', person.id],
      ['rollbook.user.deactivated.v1', person.id],
    ]);
  });

  test('shows the wanted types and no others', async () => {
    const stream = await follow({ query: '?type=rollbook.user.deactivated.v1,rollbook.user.erased.v1' });
    const person = await signIn(api.log, 'user');
    await deactivate(person.id);
    await until('it came', () => stream.events.length > 0);
    expect(stream.events.map(({ type }) => type)).toStrictEqual(['rollbook.user.deactivated.v1']);
  });

  test('goes on after Last-Event-ID, whatever `from` says', async () => {
    const person = await signIn(api.log, 'user');
    const before = (await api.store.end()) as Position;
    await deactivate(person.id);
    const stream = await follow({ query: '?from=start', headers: { 'Last-Event-ID': before } });
    await until('it came', () => stream.events.length > 0);
    expect(stream.events.map(({ type, data }) => [type, data.subject])).toStrictEqual([
      ['rollbook.user.deactivated.v1', person.id],
    ]);
  });

  test('takes a position, or the Consistency-Token of a command in its place', async () => {
    const person = await signIn(api.log, 'user');
    const position = (await api.store.end()) as Position;
    await deactivate(person.id);
    const token = api.tokens.issue({ logId: LOG_ID, position, stream: userStream(person.id), revision: 0 });
    for (const from of [position, token]) {
      const stream = await follow({ query: `?from=${from}` });
      await until('it came', () => stream.events.length > 0);
      expect(stream.events.map(({ type }) => type)).toStrictEqual(['rollbook.user.deactivated.v1']);
    }
  });

  test('is only announced to HEAD', async () => {
    const seen = await ask('', {}, 'HEAD');
    expect([seen.status, seen.headers['content-type'], seen.text]).toStrictEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
    // It took no place: three more are let in.
    await Promise.all([follow(), follow(), follow()]);
  });
});

describe('What is refused, naming the field', () => {
  const beyond = positionOf(99_999_999);
  const esdb = `${'0'.repeat(20)}-${'0'.repeat(20)}`;
  test.each([
    ['an unknown parameter', '?since=1', {}, 'since: unknown_field'],
    ['an unknown type', '?type=rollbook.user.registered.v9', {}, 'type: invalid_value'],
    ['a type that is not public', '?type=SessionStarted', {}, 'type: invalid_value'],
    ['no type at all', '?type=', {}, 'type: invalid_value'],
    ['a word in the place of a position', '?from=yesterday', {}, 'from: malformed'],
    ['nothing in the place of a position', '?from=', {}, 'from: malformed'],
    ['a parameter that stands there twice', '?from=now&from=start', {}, 'from: repeated'],
    ['a position beyond the end', `?from=${beyond}`, {}, 'from: in_future'],
    ['a position of another kind of log', `?from=${esdb}`, {}, 'from: other_log'],
    ['a malformed Last-Event-ID', '', { 'Last-Event-ID': '42' }, 'Last-Event-ID: malformed'],
    ['an empty Last-Event-ID', '?from=start', { 'Last-Event-ID': '' }, 'Last-Event-ID: malformed'],
    ['a Last-Event-ID beyond the end', '?from=start', { 'Last-Event-ID': beyond }, 'Last-Event-ID: in_future'],
    ['a Last-Event-ID of another kind of log', '', { 'Last-Event-ID': esdb }, 'Last-Event-ID: other_log'],
    ['a Consistency-Token that is none', '', { 'Consistency-Token': 'x' }, 'Consistency-Token: malformed'],
  ] as const)('%s', async (_title, query, headers, detail) => {
    const seen = await ask(query, headers);
    expect([seen.status, detailsOf(seen)]).toStrictEqual([400, [detail]]);
  });

  test('a Consistency-Token of another log, wherever it stands', async () => {
    const foreign = api.tokens.issue({
      logId: randomUUID(),
      position: positionOf(1),
      stream: userStream(auditor.id),
      revision: 0,
    });
    const places = [
      ask(`?from=${foreign}`),
      ask('', { 'Last-Event-ID': foreign }),
      ask('', { 'Consistency-Token': foreign }),
    ];
    expect((await Promise.all(places)).map((seen) => [seen.status, ...detailsOf(seen)])).toStrictEqual([
      [400, 'from: other_log'],
      [400, 'Last-Event-ID: other_log'],
      [400, 'Consistency-Token: other_log'],
    ]);
  });

  test.each(['user', 'moderator', 'manager'] as const)(
    'a %s, before anything of the request is judged',
    async (role) => {
      const person = await signIn(api.log, role);
      const seen = await probe(api.url, { path: '/v1/events?from=nowhere', headers: person.headers });
      expect([seen.status, codeOf(seen)]).toStrictEqual([403, 'FORBIDDEN']);
    },
  );
});

describe('How many streams there are', () => {
  test('is bounded for each caller, and in all; one that has ended makes room', async () => {
    const streams = await Promise.all([follow(), follow(), follow()]);
    const mine = await ask('');
    expect([mine.status, codeOf(mine), mine.headers['retry-after']]).toStrictEqual([429, 'RATE_LIMIT_EXCEEDED', '5']);
    const [admin, other] = await Promise.all([signIn(api.log, 'admin'), signIn(api.log, 'admin')]);
    await Promise.all([follow({}, admin), follow({}, admin), follow({}, admin)]);
    const theirs = await probe(api.url, { path: '/v1/events', headers: other.headers });
    expect([theirs.status, codeOf(theirs), theirs.headers['retry-after']]).toStrictEqual([
      503,
      'SERVICE_UNAVAILABLE',
      '5',
    ]);
    streams[0].close();
    let again = await follow({}, other);
    for (; again.status !== 200; again = await follow({}, other)) expect(again.status).toBe(503);
  });
});

describe('A stream', () => {
  test('ends when the session of its reader ends, and the next is 401', async () => {
    const admin = await signIn(api.log, 'admin');
    const stream = await follow({}, admin);
    await endSession(api.log, admin);
    expect(await stream.end).toBe('whole');
    expect((await follow({}, admin)).status).toBe(401);
  });

  test('ends at the expiry of its token, without the leeway that other answers give', async () => {
    // Such a token lives for 900 s; clocks may differ by 30.
    const soon = await signIn(api.log, 'admin', { now: Date.now() - 897_000 });
    const stream = await follow({}, soon);
    expect([stream.status, await stream.end]).toStrictEqual([200, 'whole']);
    const seen = await probe(api.url, { path: '/v1/events', headers: soon.headers });
    expect([seen.status, detailsOf(seen)]).toStrictEqual([401, ['Authorization: token_expired']]);
  });
});
