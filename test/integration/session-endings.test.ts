import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { FROM_THE_FIRST } from '@rollbook/shared/event-log/log-watch';
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
  let watch: ReturnType<typeof watchEndings>['watch'];
  let stop: () => Promise<void>;
  const faults: unknown[] = [];

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

  beforeEach(async () => {
    const opened = open();
    counting = countingStore(opened);
    const { store } = counting;
    log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
    const marks = { mark: () => Promise.resolve(), newest: () => Promise.resolve(null) };
    const onFault = (fault: unknown): number => faults.push(fault);
    const recent = watchEndings({ store, marks, accessTtl: 900_000, clock, onFault });
    watch = recent.watch;
    authority = new Authority(log, new TokenVerifier(tokenKeys, tokenRules), clock, recent);
    const stopping = new AbortController();
    const running = watch.run(stopping.signal);
    await until('what ends sessions was read', () => watch.isCurrent());
    stop = async () => {
      stopping.abort();
      await running;
    };
  });
  afterEach(() => stop());

  test('a hundred requests of somebody signed in read the log less often than ten times', async () => {
    const person = await signIn(log, 'manager');
    await until('the sign-in was passed', () => watch.isCurrent());
    counting.reads.streams = 0;
    counting.reads.ends = 0;
    for (let n = 0; n < 100; n += 1)
      expect(await authority.look(bearerOf(person))).toStrictEqual({
        userId: person.id,
        sessionId: person.sessionId,
        role: 'manager',
      });
    // Not one of them has read the two streams, but where the machine was so slow that half a second went by in between.
    expect(counting.reads.streams + counting.reads.ends).toBeLessThan(10);
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

  test('sessions that ended before the start are known after it', async () => {
    const person = await signIn(log, 'user');
    await append(log, userStream(person.id), kept(null));
    await stop();
    const { store } = counting;
    const recent = watchEndings({
      store,
      marks: { mark: () => Promise.resolve(), newest: () => Promise.resolve(FROM_THE_FIRST) },
      accessTtl: 900_000,
      clock,
      onFault: (fault) => faults.push(fault),
    });
    const stopping = new AbortController();
    const running = recent.watch.run(stopping.signal);
    stop = async () => {
      stopping.abort();
      await running;
    };
    await until('it is ready', () =>
      recent.watch.check().then(
        () => true,
        () => false,
      ),
    );
    expect(recent.memory.size).toBeGreaterThan(0);
    expect(recent.memory.hasEnded({ sub: person.id, sid: person.sessionId, ver: 0, iat: 0 })).toBe(true);
  });

  test('nothing of this was a fault', () => {
    expect(faults).toStrictEqual([]);
  });
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
