import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { NO_STREAM } from '@rollbook/shared/event-log/port';
import { startEventStoreNode } from '../support/eventstore-node/node.ts';
import { startEventStoreDbLog, type EventStoreDbLog, type Misdeed } from '../support/eventstoredb-log.ts';
import { anAppend, anEvent, idsOf, newStream } from '../support/log-events.ts';

const fails = (code: number, trailers?: Record<string, string>): Misdeed => ({
  do: 'fail',
  code,
  ...(trailers && { trailers }),
});

const vague: readonly (readonly [string, Misdeed])[] = [
  ['silence', { do: 'lose-answer' }],
  ['an answer that comes too late', { do: 'delay', ms: 700 }],
  ['an answer in which nothing is set', { do: 'answer-empty' }],
  ['a reset of the call', { do: 'reset' }],
  ['broken connections', { do: 'drop' }],
  ['UNAVAILABLE', fails(status.UNAVAILABLE)],
  ['CANCELLED', fails(status.CANCELLED)],
  ['ABORTED (operation timed out)', fails(status.ABORTED)],
  ['UNKNOWN', fails(status.UNKNOWN)],
  ['INTERNAL', fails(status.INTERNAL)],
  ['DEADLINE_EXCEEDED', fails(status.DEADLINE_EXCEEDED)],
];

describe('appending to an EventStoreDB that misbehaves', () => {
  let log: EventStoreDbLog;
  beforeEach(async () => {
    log = await startEventStoreDbLog();
  });
  afterEach(() => log.end());

  test('never opens the batch stream, and never asks for the features that lead there', async () => {
    const { node } = log;
    const orders = (['batchAppend', 'features'] as const).map((on) =>
      node.misbehave({ on, do: 'fail', code: status.INTERNAL, times: Infinity }),
    );
    const named = node.connectionString.replace('esdb://', 'esdb://admin:changeit@');
    for (const store of [log.open(), log.open({ url: named })]) {
      await store.logId();
      await store.append(anAppend(newStream(), NO_STREAM));
      await store.appendMany([anAppend(newStream(), NO_STREAM), anAppend(newStream(), NO_STREAM, 3)]);
    }
    expect(orders.map(({ done }) => done)).toEqual([0, 0]);
  });

  test.each(vague)(
    '%s instead of an answer: asked again with the same ids, each event stands once',
    async (_, deed) => {
      const store = log.open();
      for (const before of [false, true]) {
        const order = log.node.misbehave({ on: 'append', ...deed, before });
        const append = anAppend(newStream(), NO_STREAM, 2);
        const result = await store.append(append);
        expect(order.done).toBe(1);
        const events = await store.read(append.stream);
        expect(idsOf(events)).toEqual(idsOf(append.events));
        expect(result).toEqual({
          outcome: expect.stringContaining('stored'),
          revision: 1,
          position: events[1]?.position,
        });
      }
    },
  );

  test('a server that answers nothing at all: the outcome is unknown, within the deadline', async () => {
    const store = log.open({ deadline: 1_200 });
    const started = performance.now();
    log.node.misbehave({ on: 'append', do: 'lose-answer', times: Infinity });
    const append = anAppend(newStream(), NO_STREAM);
    await expect(store.append(append)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
  });

  test('somebody wrote behind it meanwhile: it is found, and no conflict is told', async () => {
    const store = log.open();
    const stream = newStream();
    const order = log.node.misbehave({ on: 'append', stream, do: 'lose-answer' });
    const appended = store.append(anAppend(stream, NO_STREAM));
    while (order.done === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await log.open().append(anAppend(stream, 0));
    expect(await appended).toMatchObject({ revision: 0, outcome: expect.stringContaining('stored') });
    expect(await store.read(stream)).toHaveLength(2);
  });

  test('a wrong revision after an unknown outcome: the stream is searched for the ids', async () => {
    const store = log.open();
    const append = anAppend(newStream(), NO_STREAM, 2);
    log.node.misbehave({ on: 'append', do: 'lose-answer' });
    log.node.misbehave({
      on: 'append',
      before: true,
      ...fails(status.FAILED_PRECONDITION, {
        exception: 'wrong-expected-version',
        'stream-name': append.stream,
        'expected-version': '-1',
        'actual-version': '1',
      }),
    });
    const result = await store.append(append);
    const last = (await store.read(append.stream)).at(-1);
    expect(result).toEqual({ outcome: 'already-stored', revision: 1, position: last?.position });
  });

  test('another writer was faster than the second try: a conflict', async () => {
    const store = log.open();
    const stream = newStream();
    const order = log.node.misbehave({ on: 'append', stream, do: 'lose-answer', before: true });
    const appended = store.append(anAppend(stream, NO_STREAM));
    while (order.done === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await log.open().append(anAppend(stream, NO_STREAM));
    expect(await appended).toEqual({ outcome: 'conflict', revision: 0 });
  });

  test('the server restarts before the second try and has forgotten all ids: each event stands once', async () => {
    const store = log.open({ answerLimit: 600 });
    const append = anAppend(newStream(), NO_STREAM, 2);
    const order = log.node.misbehave({ on: 'append', stream: append.stream, do: 'lose-answer' });
    const appended = store.append(append);
    while (order.done === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await log.node.restart();
    expect(await appended).toMatchObject({ revision: 1 });
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
  });

  test('nobody listens: surely nothing was written; once somebody does, the same store writes', async () => {
    const store = log.open({ deadline: 700 });
    await log.node.kill();
    const append = anAppend(newStream(), NO_STREAM);
    await expect(store.append(append)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.read(append.stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await log.node.restart();
    expect(await store.append(append)).toMatchObject({ outcome: 'stored', revision: 0 });
  });

  test('a frozen server: unknown in time; after it thaws the same append is found', async () => {
    const store = log.open({ deadline: 1_000 });
    const append = anAppend(newStream(), NO_STREAM);
    await store.append(anAppend(newStream(), NO_STREAM));
    log.node.freeze();
    await expect(store.append(append)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    log.node.thaw();
    expect(await store.append(append)).toMatchObject({ revision: 0 });
    expect(await store.read(append.stream)).toHaveLength(1);
  });

  test('a follower says who leads: the append goes there; while nobody leads, the outcome is unknown', async () => {
    const follower = await startEventStoreNode({ joins: log.node });
    const store = log.open({ url: follower.connectionString, deadline: 1_000 });
    expect(await store.append(anAppend(newStream(), NO_STREAM))).toMatchObject({ outcome: 'stored' });
    log.node.lead(false);
    await expect(store.append(anAppend(newStream(), NO_STREAM))).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    follower.lead();
    expect(await store.append(anAppend(newStream(), NO_STREAM))).toMatchObject({ outcome: 'stored' });
    await store.close();
    await follower.stop();
  });

  test('a leader that is named and is dead: the store comes back to where it began', async () => {
    const store = log.open();
    const dead = { 'leader-endpoint-host': '127.0.0.1', 'leader-endpoint-port': '1' };
    const trailers = { exception: 'not-leader', ...dead };
    const order = log.node.misbehave({ on: 'append', before: true, ...fails(status.NOT_FOUND, trailers) });
    const append = anAppend(newStream(), NO_STREAM, 2);
    expect(await store.append(append)).toMatchObject({ outcome: 'stored', revision: 1 });
    expect(order.done).toBe(1);
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
  });

  test('a discovery that failed is not remembered', async () => {
    const other = await startEventStoreNode({ joins: log.node });
    const url = `esdb://127.0.0.1:${String(log.node.port)},127.0.0.1:${String(other.port)}?tls=false&discoveryInterval=20&maxDiscoverAttempts=3`;
    const store = log.open({ url, deadline: 1_000 });
    const gossip = log.node.misbehave({ on: 'gossip', do: 'fail', code: status.UNAVAILABLE, times: Infinity });
    await other.kill();
    await expect(store.append(anAppend(newStream(), NO_STREAM))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    gossip.cancel();
    expect(await store.append(anAppend(newStream(), NO_STREAM))).toMatchObject({ outcome: 'stored' });
  });

  test.each([
    ['no right to write', 'access-denied', 'StoreUnavailable'],
    ['a stream with a tombstone', 'stream-deleted', 'StoreUnavailable'],
    ['more than the server takes', 'maximum-append-size-exceeded', 'AppendRefused'],
    ['an event larger than the server takes', 'maximum-append-event-size-exceeded', 'AppendRefused'],
  ])('%s: told at once, and not tried again', async (_, exception, name) => {
    const code = { 'access-denied': 7, 'stream-deleted': 9 }[exception] ?? status.INVALID_ARGUMENT;
    const trailers = { exception, 'stream-name': 'x', 'maximum-append-size': '1' };
    const order = log.node.misbehave({ on: 'append', before: true, times: Infinity, ...fails(code, trailers) });
    // Nothing is lost here: a busy machine must not make a silence of its own.
    const store = log.open({ answerLimit: 10_000, deadline: 30_000 });
    await expect(store.append(anAppend(newStream(), NO_STREAM))).rejects.toMatchObject({ name });
    expect(order.done).toBe(1);
  });

  test('a stream that somebody deleted answers success to known ids and shows nothing: the outcome is unknown', async () => {
    const store = log.open({ deadline: 700 });
    const append = anAppend(newStream(), NO_STREAM);
    await store.append(append);
    await log.client.deleteStream(append.stream);
    await expect(store.append(append)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });

  test('an append that revived a deleted stream stands at another place: unknown, not a conflict', async () => {
    const store = log.open();
    const stream = newStream();
    await store.append(anAppend(stream, NO_STREAM, 2));
    await log.client.deleteStream(stream);
    log.node.misbehave({ on: 'append', stream, do: 'lose-answer' });
    await expect(store.append(anAppend(stream, NO_STREAM))).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });

  test('of many appends some were written and one is unknown: the whole is unknown', async () => {
    const store = log.open({ deadline: 700 });
    const [good, lost] = [anAppend(newStream(), NO_STREAM), anAppend(newStream(), NO_STREAM)];
    log.node.misbehave({ on: 'append', stream: lost.stream, do: 'lose-answer', before: true, times: Infinity });
    await expect(store.appendMany([good, lost])).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(await store.read(good.stream)).toHaveLength(1);
  });

  test.each([
    ['silence', { do: 'lose-answer' }],
    ['broken connections', { do: 'drop' }],
    ['UNAVAILABLE in the middle', { ...fails(status.UNAVAILABLE), after: 2 }],
    ['a reset in the middle', { do: 'reset', after: 2 }],
  ] satisfies [string, Misdeed][])('%s instead of what was asked for: read again, whole', async (_, deed) => {
    const store = log.open();
    const append = anAppend(newStream(), NO_STREAM, 5);
    await store.append(append);
    const order = log.node.misbehave({ on: 'read', ...deed });
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
    expect(order.done).toBe(1);
  });

  test('a server that answers no read: unavailable in time', async () => {
    const store = log.open();
    log.node.misbehave({ on: 'read', do: 'lose-answer', times: Infinity });
    const started = performance.now();
    await expect(store.readAll({ after: null })).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test('closing lets appends on their way end, and turns later ones away', async () => {
    const store = log.open();
    log.node.misbehave({ on: 'append', do: 'delay', ms: 150 });
    const event = anEvent(newStream(), 0);
    const append = { stream: event.stream, expectedRevision: NO_STREAM, events: [event] };
    const appended = store.append(append);
    await store.close();
    expect(await appended).toMatchObject({ outcome: 'stored' });
    await expect(store.append(append)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.read(event.stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});
