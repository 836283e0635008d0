import { describe, expect, test } from '@jest/globals';
import { OutcomeUnknown, StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { EMPTY_STREAM, endOf } from '@rollbook/shared/event-log/sealed-event-log';
import type { RequestContext } from '@rollbook/shared/http/endpoint';
import { HOUR, MINUTE, SECOND } from '@rollbook/shared/kernel/clock';
import { Turns } from '@rollbook/shared/kernel/turns';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { recordHistoryRead } from '../../../query-api/src/record-reading/record-history-read.handle.ts';
import { recordReadings, type Recorded } from '../../../query-api/src/record-reading/record-reading.handle.ts';
import { Underway } from '../../../query-api/src/record-reading/underway.ts';
import type { Reader } from '../../../query-api/src/read-model/query-authority.ts';
import { API_KEY_ID, apiKeyCreated, apiKeyRevoked } from '../../support/api-keys.ts';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';

const SUBJECT = '66666666-6666-4666-8666-666666666666';
const OTHER = '55555555-5555-4555-8555-555555555555';
const auditor: Reader = { userId: PERSON_ID, sessionId: OTHER, role: 'auditor' };
const service: Reader = { kind: 'service', id: API_KEY_ID, scopes: ['audit:read'], rateLimitPerHour: null };
const context = {
  ...{ requestId: 'req_reading', correlationId: 'req_reading', bearer: 'token' },
  origin: { address: '192.0.2.9', userAgent: 'Reader/1' },
} as unknown as RequestContext;

/** A reader, and a log whose appends a test may break. */
const given = ({ still = auditor }: { still?: Reader | Rejection } = {}) => {
  const rig = commandRig();
  const broken: { append: EventLog['append'] | null } = { append: null };
  const log: EventLog = { ...rig.log, append: (...asked) => (broken.append ?? rig.log.append.bind(rig.log))(...asked) };
  const looks: string[] = [];
  const authority = {
    look: (bearer: string | null) => {
      looks.push(String(bearer));
      return Promise.resolve(still);
    },
  };
  /** What one copy of the service works with. */
  const copy = () => ({
    log,
    clock: rig.clock,
    random: rig.random,
    turns: new Turns(),
    underway: new Underway<Recorded>(),
    authority,
  });
  const ports = copy();
  const read = (reader: Reader = auditor, subject = SUBJECT) => recordHistoryRead(ports, reader, context, subject);
  const recorded = async (stream = `signin-${PERSON_ID}`) => (await rig.log.read(stream)).events;
  return { ...rig, broken, copy, ports, read, recorded, looks };
};

describe('Whoever reads the history of another', () => {
  test('is recorded in their own stream, with where they asked from, naming the other by id only', async () => {
    const { read, recorded } = given();
    expect(await read()).toBeNull();
    const [event, ...more] = await recorded();
    expect(more).toStrictEqual([]);
    expect(event).toMatchObject({
      type: 'HistoryRead',
      data: { subject: SUBJECT, from: '2026-01-02T03:00:00.000Z' },
      personal: null,
      origin: context.origin,
      metadata: { actor: { kind: 'person', id: PERSON_ID }, requestId: 'req_reading' },
    });
  });

  test('is recorded once an hour and person, however often, by however many copies and at once', async () => {
    const { read, recorded, copy, clock } = given();
    const subjects = [SUBJECT, OTHER];
    const ask = (subject: string) => recordHistoryRead(copy(), auditor, context, subject);
    await Promise.all(Array.from({ length: 40 }, (_none, index) => ask(subjects[index % 2] ?? SUBJECT)));
    expect(await recorded()).toHaveLength(2);
    clock.pass(HOUR);
    await read();
    await read();
    expect((await recorded()).map(({ data }) => data).slice(2)).toStrictEqual([
      { subject: SUBJECT, from: '2026-01-02T04:00:00.000Z' },
    ]);
  });

  test('is shown it at once in nine windows, though the log takes its time', async () => {
    const { ports, log, recorded, broken, clock } = given();
    const append = log.append.bind(log);
    broken.append = async (...asked) => {
      clock.pass(SECOND);
      return append(...asked);
    };
    const slow = { ...log, read: (...asked: Parameters<EventLog['read']>) => (clock.pass(SECOND), log.read(...asked)) };
    const subjects = [SUBJECT, OTHER];
    const ask = (subject: string) => recordHistoryRead({ ...ports, log: slow }, auditor, context, subject);
    const answers = await Promise.all(Array.from({ length: 9 }, (_none, index) => ask(subjects[index % 2] ?? SUBJECT)));
    expect(answers).toStrictEqual(answers.map(() => null));
    expect(await recorded()).toHaveLength(2);
  });

  test('of several at once is recorded of each of them, in one piece and only what is new', async () => {
    const { ports, read, recorded } = given();
    await read();
    expect(await recordHistoryRead(ports, auditor, context, OTHER, SUBJECT, PERSON_ID, OTHER)).toBeNull();
    expect(await recordHistoryRead(ports, auditor, context)).toBeNull();
    expect((await recorded()).map(({ data }) => data)).toMatchObject([{ subject: SUBJECT }, { subject: OTHER }]);
  });

  test('is found also behind hundreds of other readings of the same hour', async () => {
    const { read, recorded } = given();
    await read();
    for (let n = 0; n < 120; n += 1) await read(auditor, `66666666-6666-4666-8666-${String(n).padStart(12, '0')}`);
    expect(await read()).toBeNull();
    expect(await recorded()).toHaveLength(121);
  });

  test('is not recorded where it is their own', async () => {
    const { read, recorded } = given();
    expect(await read(auditor, PERSON_ID)).toBeNull();
    expect(await recorded()).toStrictEqual([]);
  });

  test('may be an API key: then it stands in the stream of the key', async () => {
    const { read, recorded } = given();
    expect(await read(service)).toBeNull();
    expect(await recorded(`apikey-${API_KEY_ID}`)).toMatchObject([
      { data: { subject: SUBJECT }, metadata: { actor: { kind: 'service', id: API_KEY_ID } } },
    ]);
  });
});

describe('Nothing may be shown', () => {
  test('while the log takes no event', async () => {
    const { read, recorded, broken } = given();
    broken.append = () => Promise.reject(new StoreUnavailable('away'));
    expect(await read()).toStrictEqual(reject('reading_unrecorded'));
    expect(await recorded()).toStrictEqual([]);
  });

  test('while nobody can tell whether it took it, which ends', async () => {
    const { read, broken, clock } = given();
    const began = clock.now();
    broken.append = () => {
      clock.pass(SECOND);
      return Promise.reject(new OutcomeUnknown('no answer'));
    };
    expect(await read()).toStrictEqual(reject('reading_unknown'));
    expect(clock.now() - began).toBeLessThan(MINUTE);
  });

  test('once the reader’s session has ended while it took its time', async () => {
    const { read, log, broken, clock, looks } = given({ still: reject('session_ended') });
    const append = log.append.bind(log);
    broken.append = (...asked) => {
      clock.pass(SECOND);
      return append(...asked);
    };
    expect(await read()).toStrictEqual(reject('session_ended'));
    expect(looks).toStrictEqual(['token']);
  });

  test('to a key that was revoked, and nothing is written after its end', async () => {
    const { read, log, recorded, clock } = given();
    const stream = `apikey-${API_KEY_ID}`;
    const by = { ...systemContext(), actor: { kind: 'person', id: PERSON_ID } as const };
    await log.append(stream, EMPTY_STREAM, [apiKeyCreated(), apiKeyRevoked], by);
    clock.pass(2 * HOUR);
    expect(await read(service)).toStrictEqual(reject('api_key_invalid'));
    expect((await recorded(stream)).map(({ type }) => type)).toStrictEqual(['ApiKeyCreated', 'ApiKeyRevoked']);
  });
});

test('Whoever joins a recording whose time is nearly up has as much time as anybody', async () => {
  const { read, recorded, broken, clock } = given();
  const joined: Promise<Rejection | null>[] = [];
  broken.append = () => {
    clock.pass(3_900);
    joined.push(read(), read());
    clock.pass(200);
    broken.append = null;
    return Promise.reject(new OutcomeUnknown('no answer'));
  };
  expect(await read()).toStrictEqual(reject('reading_unknown'));
  expect(await Promise.all(joined)).toStrictEqual([null, null]);
  expect(await recorded()).toHaveLength(1);
});

test('An append whose answer was lost is found, and shown once', async () => {
  const { read, log, recorded, broken } = given();
  const append = log.append.bind(log);
  broken.append = async (...asked) => {
    await append(...asked);
    throw new OutcomeUnknown('no answer');
  };
  expect(await read()).toBeNull();
  expect(await recorded()).toHaveLength(1);
});

test('A reading that loses the race for the end of the stream is written after the winner', async () => {
  const { ports, log, store, recorded, broken } = given();
  const append = log.append.bind(log);
  const stream = `signin-${PERSON_ID}`;
  broken.append = async (...asked) => {
    broken.append = null;
    const failed = { type: 'SignInFailed', data: { where: 'sign-in' }, personal: null } as const;
    await append(stream, endOf((await store.read(stream)).at(-1)), [failed], systemContext());
    return append(...asked);
  };
  const event = { type: 'HistoryRead', data: { subject: SUBJECT, from: '2026-01-02T03:00:00.000Z' } } as const;
  const readings = [{ event: { ...event, personal: null }, id: OTHER }];
  expect(await recordReadings(ports, auditor, context, { readings, since: ports.clock.now() })).toBeNull();
  expect((await recorded()).map(({ type }) => type)).toStrictEqual(['SignInFailed', 'HistoryRead']);
  expect((await recorded())[1]?.id).toBe(OTHER);
});
