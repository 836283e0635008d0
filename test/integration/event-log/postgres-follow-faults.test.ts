import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_STREAM } from '@rollbook/shared/event-log/port';
import { anAppend, collect, idsOf, newStream } from '../../support/log-events.ts';
import { startPostgresLog, type PostgresLog } from '../../support/postgres-log.ts';

const cut = (applicationName: string): string => `
  select pg_terminate_backend(pid) from pg_stat_activity
  where application_name like '${applicationName}%' and datname = current_database()`;

describe('following through faults', () => {
  let log: PostgresLog;
  beforeEach(async () => {
    log = await startPostgresLog();
  });
  afterEach(() => log.end());

  test('with all notifications lost, a follower still has each event well within the lag goal', async () => {
    await log.sql.query(`
      create schema quiet;
      create function quiet.pg_notify(text, text) returns void language sql as 'select';
      alter function event_log.append_batch(jsonb) set search_path = quiet, pg_catalog;`);
    const store = log.open();
    const { signal } = new AbortController();
    const lags: number[] = [];
    let written = 0;
    const following = (async () => {
      for await (const page of store.follow({ after: null, signal })) {
        for (const _event of page.events) lags.push(performance.now() - written);
        if (lags.length === 15) return;
      }
    })();
    for (let n = 0; n < 15; n += 1) {
      await pause(60 + 5 * n);
      written = performance.now();
      await store.append(anAppend(newStream(), NO_STREAM));
    }
    await following;
    lags.sort((a, b) => a - b);
    expect(lags[7]).toBeLessThan(150);
  });

  test('with notifications a follower does not wait for its next look', async () => {
    const store = log.open();
    const { signal } = new AbortController();
    const lags: number[] = [];
    let written = 0;
    const following = (async () => {
      for await (const page of log.open().follow({ after: null, signal })) {
        for (const _event of page.events) lags.push(performance.now() - written);
        if (lags.length === 30) return;
      }
    })();
    await pause(200);
    for (let n = 0; n < 30; n += 1) {
      await pause(20 + (n % 7));
      await store.append(anAppend(newStream(), NO_STREAM));
      written = performance.now();
    }
    await following;
    lags.sort((a, b) => a - b);
    // By polling alone the median would be near 25 ms.
    expect(lags[14]).toBeLessThan(15);
  });

  test('connections cut again and again: every event once, in order, and the faults are told', async () => {
    const writer = log.open();
    const reader = log.open();
    const { signal } = new AbortController();
    const faults: unknown[] = [];
    const onFault = (fault: unknown): unknown => faults.push(fault);
    const following = collect(
      reader.follow({ after: null, signal, limit: 7, onFault }),
      (events) => events.length >= 600,
    );
    const written: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      const appends = Array.from({ length: 5 }, () => anAppend(newStream(), NO_STREAM, 2));
      await writer.appendMany(appends);
      written.push(...appends.flatMap(({ events }) => idsOf(events)));
      if (n % 5 === 0) await log.sql.query(cut('rollbook-log'));
      await pause(5);
    }
    const events = await following;
    expect(idsOf(events).sort()).toEqual(written.sort());
    const positions = events.map(({ position }) => position);
    expect([...positions].sort()).toEqual(positions);
  });

  test('while the database cannot be used, a follower tries again with pauses, and goes on where it was', async () => {
    const store = log.open();
    const stream = newStream();
    await store.append(anAppend(stream, NO_STREAM, 3));
    const { signal } = new AbortController();
    let faults = 0;
    const following = collect(
      store.follow({ after: null, signal, onFault: () => (faults += 1) }),
      (events) => events.length >= 4,
    );
    await pause(100);
    await log.sql.query('alter table event_log.events rename to elsewhere');
    await pause(400);
    await log.sql.query('alter table event_log.elsewhere rename to events');
    expect(faults).toBeGreaterThan(0);
    expect(faults).toBeLessThan(20);
    await store.append(anAppend(stream, 2));
    expect((await following).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
  });

  test('a filter that nothing matches reads a long log in bounded steps and arrives at its end', async () => {
    await log.sql.query(`
      insert into event_log.events
      select n, gen_random_uuid(), 'session-' || n, 0, 'Filler', 1, '2026-01-01T00:00:00.000Z', '{}', '[]', '{}'
      from generate_series(1, 25000) n`);
    const store = log.open();
    const filter = { streamPrefixes: ['user-'] };
    const first = await store.readAll({ after: null, filter });
    expect(first).toEqual({ events: [], position: '00000000000000010000', atEnd: false, passed: 10_000 });
    const { signal } = new AbortController();
    await store.append(anAppend(newStream(), NO_STREAM));
    const found = await collect(store.follow({ after: null, filter, signal }), (events) => events.length > 0);
    expect(found.map(({ position }) => position)).toEqual(['00000000000000025001']);
  });

  test('while nobody follows, nothing listens', async () => {
    const store = log.open();
    const stop = new AbortController();
    const following = collect(store.follow({ after: null, signal: stop.signal }), () => false);
    const listening = async (): Promise<number> => {
      const { rows } = await log.sql.query<{ n: string }>(
        `select count(*) as n from pg_stat_activity where application_name = 'rollbook-log-listen' and datname = current_database()`,
      );
      return Number(rows[0]?.n);
    };
    await pause(200);
    expect(await listening()).toBe(1);
    stop.abort();
    await following;
    await pause(200);
    expect(await listening()).toBe(0);
  });
});
