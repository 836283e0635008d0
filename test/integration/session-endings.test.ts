import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { StartPlace } from '@rollbook/shared/event-log/log-watch';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { Authority } from '@rollbook/shared/person/authority';
import { watchEndings } from '@rollbook/shared/person/watch-endings';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { countingStore } from '../support/counting-store.ts';
import { startEventStoreDbLog } from '../support/eventstoredb-log.ts';
import { until } from '../support/feed-audience.ts';
import { aContext } from '../support/people.ts';
import { startPostgresLog } from '../support/postgres-log.ts';
import { signIn, tokenKeys, tokenRules, type SignedIn } from '../support/signed-in.ts';

const node = await startEventStoreDbLog();
const postgres = await startPostgresLog();
afterAll(() => Promise.all([node.end(), postgres.end()]));

const STORES: readonly (readonly [string, () => EventStore])[] = [
  ['memory', () => new MemoryEventStore({ clock })],
  ['PostgreSQL', () => postgres.open()],
  ['EventStoreDB', () => node.open()],
];

const bearerOf = ({ headers }: SignedIn): string => headers.Authorization.slice('Bearer '.length);

const append = async (log: EventLog, stream: string, event: AnyNewEvent): Promise<void> => {
  const { end } = await log.read(stream);
  await log.append(stream, end, [event], aContext());
};
const kept = (keptSessionId: string | null): AnyNewEvent => ({
  type: 'PasswordChanged',
  data: { keptSessionId },
  personal: { email: 'a@example.com', username: 'ann', passwordHash: 'x' },
});
/** Each of the ways in which sessions end, but for the end of one alone. */
const ENDINGS: readonly AnyNewEvent[] = [
  kept(null),
  { type: 'RoleChanged', data: { from: 'user', to: 'moderator', grantId: null }, personal: null },
  { type: 'UserDeactivated', data: {}, personal: null },
  { type: 'SignedOutEverywhere', data: {}, personal: null },
  { type: 'PersonErased', data: { reason: 'requested' }, personal: null },
];

describe.each(STORES)('Over the log in %s', (_name, open) => {
  let counting: ReturnType<typeof countingStore>;
  let log: EventLog;
  let authority: Authority;
  let recent: ReturnType<typeof watchEndings>;
  let stop: () => Promise<void>;

  /** 'in', or why not; and how long it took until it was not `in`, ms. */
  const look = async (person: SignedIn): Promise<string> => {
    const caller = await authority.look(bearerOf(person));
    return isRejection(caller) ? caller.rejection : 'in';
  };
  const refusedAfter = async (person: SignedIn): Promise<number> => {
    const begun = performance.now();
    while ((await look(person)) === 'in') await clock.sleep(5);
    return performance.now() - begun;
  };

  /** Starts a watch that finds this mark. */
  const begin = async (mark: StartPlace | null): Promise<void> => {
    const marks = { mark: () => Promise.resolve(), newest: () => Promise.resolve(mark) };
    recent = watchEndings({ store: counting.store, marks, accessTtl: 900_000, clock, onFault: () => undefined });
    const { watch } = recent;
    authority = new Authority(log, new TokenVerifier(tokenKeys, tokenRules), clock, recent);
    const stopping = new AbortController();
    const running = watch.run(stopping.signal);
    await until('what ends sessions was read', () => watch.isCurrent());
    stop = async () => {
      stopping.abort();
      await running;
    };
  };

  beforeEach(async () => {
    const opened = open();
    counting = countingStore(opened);
    const { store } = counting;
    log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
    await begin(null);
  });
  afterEach(() => stop());

  test('a hundred requests of somebody signed in read the log a few times a second, not twice each', async () => {
    const person = await signIn(log, 'manager');
    await until('the sign-in was passed', () => recent.watch.isCurrent());
    counting.reads.streams = 0;
    counting.reads.ends = 0;
    const begun = performance.now();
    for (let n = 0; n < 100; n += 1)
      expect(await authority.look(bearerOf(person))).toStrictEqual({
        userId: person.id,
        sessionId: person.sessionId,
        role: 'manager',
      });
    // The end of the log is read a few times a second, however many ask; the two streams only where that came too late.
    const seconds = (performance.now() - begun) / 1_000;
    expect(counting.reads.streams + counting.reads.ends).toBeLessThan(10 + 10 * seconds);
    // What a command decides by is read each time.
    await authority.check(bearerOf(person));
    expect(counting.reads.streams).toBeGreaterThanOrEqual(2);
  });

  test.each(ENDINGS.map((event) => [event.type, event] as const))(
    'a session is over everywhere within a second of %s',
    async (_type, event) => {
      const person = await signIn(log, 'user');
      expect(await look(person)).toBe('in');
      await append(log, userStream(person.id), event);
      expect(await refusedAfter(person)).toBeLessThanOrEqual(1_000);
      expect(await look(person)).toBe('session_ended');
    },
  );

  test('a session that ends alone takes no other with it, and the one that a password change keeps goes on', async () => {
    const [leaving, staying] = [await signIn(log, 'user'), await signIn(log, 'user')];
    const ended = { type: 'SessionEnded', data: { userId: leaving.id, reason: 'logout' }, personal: null } as const;
    await append(log, sessionStream(leaving.sessionId), ended);
    await append(log, userStream(staying.id), kept(staying.sessionId));
    expect(await refusedAfter(leaving)).toBeLessThanOrEqual(1_000);
    expect(await look(staying)).toBe('in');
    await append(log, userStream(staying.id), kept(randomUUID()));
    expect(await refusedAfter(staying)).toBeLessThanOrEqual(1_000);
  });

  test('a follower that hears nothing any more is noticed: the log is asked each time', async () => {
    const person = await signIn(log, 'user');
    expect(await look(person)).toBe('in');
    counting.freeze();
    await append(log, userStream(person.id), kept(null));
    expect(await refusedAfter(person)).toBeLessThanOrEqual(1_000);
    const other = await signIn(log, 'user');
    expect(await look(other)).toBe('in');
    await append(log, userStream(other.id), kept(null));
    // It is known to be behind by now, so the very next request is refused.
    expect(await look(other)).toBe('session_ended');
  });

  test.each(['the first event', 'a mark'])(
    'begun at %s, it knows what ended since and says no by it',
    async (place) => {
      const [before, after] = [await signIn(log, 'user'), await signIn(log, 'user')];
      await append(log, userStream(before.id), kept(null));
      const mark = { position: await counting.store.end(), since: clock.now() - 3_600_000 };
      await append(log, userStream(after.id), kept(null));
      await stop();
      await begin(place === 'a mark' ? mark : null);
      const known = ({ id, sessionId }: SignedIn): boolean =>
        recent.memory.hasEnded({ sub: id, sid: sessionId, ver: 0, iat: 0 });
      expect([known(before), known(after)]).toStrictEqual([place !== 'a mark', true]);
      expect([await look(after), await look(await signIn(log, 'user'))]).toStrictEqual(['session_ended', 'in']);
    },
  );
});

describe('A subscription of EventStoreDB that goes silent', () => {
  test('lets no ended session through, before it is noticed and after', async () => {
    const store = node.open();
    const log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
    const marks = { mark: () => Promise.resolve(), newest: () => Promise.resolve(null) };
    const recent = watchEndings({ store, marks, accessTtl: 900_000, clock, onFault: () => undefined });
    const authority = new Authority(log, new TokenVerifier(tokenKeys, tokenRules), clock, recent);
    const silence = node.node.misbehave({ on: 'subscribe', do: 'lose-answer', times: 2 });
    const stopping = new AbortController();
    const running = recent.watch.run(stopping.signal);
    const begun = performance.now();
    while (performance.now() - begun < 4_000) {
      const person = await signIn(log, 'user');
      expect(isRejection(await authority.look(bearerOf(person)))).toBe(false);
      await append(log, userStream(person.id), kept(null));
      const ended = performance.now();
      while (!isRejection(await authority.look(bearerOf(person)))) await clock.sleep(5);
      expect(performance.now() - ended).toBeLessThanOrEqual(1_000);
    }
    expect(silence.done).toBeGreaterThan(0);
    stopping.abort();
    await running;
  });
});
