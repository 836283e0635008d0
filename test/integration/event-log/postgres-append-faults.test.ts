import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_STREAM } from '@rollbook/shared/event-log/port';
import { anAppend, idsOf, newStream } from '../../support/log-events.ts';
import { startPostgresLog, type PostgresLog } from '../../support/postgres-log.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

describe('appending over a bad network', () => {
  let log: PostgresLog;
  let proxy: TcpProxy;
  beforeEach(async () => {
    log = await startPostgresLog();
    proxy = await startTcpProxy(log.url);
  });
  afterEach(async () => {
    await proxy.stop();
    await log.end();
  });

  test('an append whose acknowledgement was lost is asked again with its ids, and stands once', async () => {
    const store = log.open({ url: proxy.url });
    await store.append(anAppend(newStream(), NO_STREAM));
    proxy.plan('lose-answer', 'append_batch');
    const stream = newStream();
    const append = anAppend(stream, NO_STREAM, 2);
    expect(await store.append(append)).toEqual({
      outcome: 'already-stored',
      revision: 1,
      position: '00000000000000000003',
    });
    expect(proxy.done).toBe(1);
    expect(idsOf(await store.read(stream))).toEqual(idsOf(append.events));
  });

  test('when somebody wrote behind it meanwhile, the append is still found and no conflict is told', async () => {
    const store = log.open({ url: proxy.url });
    const stream = newStream();
    proxy.plan('lose-answer', 'append_batch', 2);
    const appended = store.append(anAppend(stream, NO_STREAM));
    while (proxy.done < 1) await pause(1);
    for (let tries = 0; tries < 200; tries += 1)
      if ((await log.open().append(anAppend(stream, 0))).outcome === 'stored') break;
    expect(await appended).toMatchObject({ outcome: 'already-stored', revision: 0 });
    expect(await store.read(stream)).toHaveLength(2);
  });

  test('a request that never arrived is sent again; if another writer was faster, that is a conflict', async () => {
    const store = log.open({ url: proxy.url });
    const [free, taken] = [newStream(), newStream()];
    proxy.plan('lose-request', 'append_batch');
    expect(await store.append(anAppend(free, NO_STREAM))).toMatchObject({ outcome: 'stored', revision: 0 });
    await log.open().append(anAppend(taken, NO_STREAM));
    proxy.plan('lose-request', 'append_batch');
    expect(await store.append(anAppend(taken, NO_STREAM))).toEqual({ outcome: 'conflict', revision: 0 });
    expect(proxy.done).toBe(2);
  });

  test('of a batch whose acknowledgement was lost, each append is asked again by itself and stands once', async () => {
    const store = log.open({ url: proxy.url });
    const appends = Array.from({ length: 40 }, () => anAppend(newStream(), NO_STREAM));
    const twice = newStream();
    appends.push(anAppend(twice, NO_STREAM), anAppend(twice, 0), anAppend(twice, 0));
    proxy.plan('lose-answer', 'append_batch', 5);
    const outcomes = (await store.appendMany(appends)).map(({ outcome }) => outcome);
    expect(proxy.done).toBe(5);
    expect(outcomes.slice(0, -1)).toEqual(Array.from({ length: 42 }, () => 'already-stored'));
    expect(outcomes.at(-1)).toBe('conflict');
    const { events } = await store.readAll({ after: null });
    expect(idsOf(events)).toEqual(idsOf(appends.slice(0, -1).flatMap((append) => append.events)));
  });

  test('when every acknowledgement is lost, the outcome is told as unknown at the deadline', async () => {
    const store = log.open({ url: proxy.url, deadline: 1_500 });
    const stream = newStream();
    proxy.plan('lose-answer', 'append_batch', Infinity);
    await expect(store.append(anAppend(stream, NO_STREAM))).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(proxy.done).toBeGreaterThan(2);
    expect(await log.open().read(stream)).toHaveLength(1);
  });

  test('a server that falls silent does not hold the caller beyond its deadline', async () => {
    const store = log.open({ url: proxy.url, deadline: 300 });
    proxy.plan('stay-silent', 'append_batch', Infinity);
    const started = performance.now();
    await expect(store.append(anAppend(newStream(), NO_STREAM))).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test('when the server cannot be reached, surely nothing was written, and that is told', async () => {
    const store = log.open({ url: proxy.url, deadline: 300 });
    proxy.refuse();
    const stream = newStream();
    await expect(store.append(anAppend(stream, NO_STREAM))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(store.read(stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await log.open().read(stream)).toEqual([]);
  });

  test('many appends of which some may stand are told as unknown, also when the last surely was not written', async () => {
    const store = log.open({ url: proxy.url, deadline: 2_500 });
    await log.sql.query(`
      create function refuse() returns trigger language plpgsql as
        $$ begin if new.stream = 'unlucky' then raise exception 'planted'; end if; return new; end $$;
      create trigger refuse before insert on event_log.events for each row execute function refuse();`);
    const appends = [anAppend(newStream(), NO_STREAM), anAppend('unlucky', NO_STREAM)];
    await expect(store.appendMany(appends)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    await expect(store.append(anAppend('unlucky', NO_STREAM))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect((await store.readAll({ after: null })).events).toHaveLength(1);
  });

  test('connections cut by the operator in the middle of work lose nothing and double nothing', async () => {
    const store = log.open();
    const finished = new AbortController();
    const cutting = (async () => {
      for (let cuts = 0; !finished.signal.aborted; cuts += 1) {
        await log.sql
          .query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rollbook-log'
                             and datname = current_database()`);
        // Long enough that a new connection can do something, also on a busy machine.
        await pause(30 + 120 * Math.random());
        if (cuts > 1_000) throw new Error('The appends never came through');
      }
    })();
    const appends = Array.from({ length: 20 }, () =>
      Array.from({ length: 25 }, () => anAppend(newStream(), NO_STREAM, 2)),
    );
    for (const share of appends) {
      const results = await Promise.all(share.map((append) => store.append(append)));
      expect(results.every(({ outcome }) => outcome !== 'conflict')).toBe(true);
    }
    finished.abort();
    await cutting;
    const { rows } = await log.sql.query<{ id: string }>('select id from event_log.events');
    expect(idsOf(rows).sort()).toEqual(idsOf(appends.flat().flatMap(({ events }) => events)).sort());
  });
});
