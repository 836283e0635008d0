import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_STREAM, type Append } from '@rollbook/shared/event-log/port';
import { anAppend, anEvent, newStream } from '../../support/log-events.ts';
import { startPostgresLog, type PostgresLog } from '../../support/postgres-log.ts';

/** Lets a statement run inside the append function for each event that it inserts. */
const hook = (statement: string): string => `
  create function planted() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$;
  create trigger planted before insert on event_log.events for each row execute function planted();`;

describe('appending in batches', () => {
  let log: PostgresLog;
  beforeEach(async () => {
    log = await startPostgresLog();
  });
  afterEach(() => log.end());

  test('appends that wait for the log share a transaction', async () => {
    const store = log.open();
    await Promise.all(Array.from({ length: 300 }, () => store.append(anAppend(newStream(), NO_STREAM))));
    const { rows } = await log.sql.query<{ n: string }>('select count(distinct xmin::text) as n from event_log.events');
    expect(Number(rows[0]?.n)).toBeLessThan(20);
  });

  test('one id on two streams in one batch: the first is stored, the second refused, and the others are not touched', async () => {
    const store = log.open();
    const [one, two, three] = [newStream(), newStream(), newStream()];
    const { id } = anEvent(one, 0);
    const withId = (stream: string): Append => ({
      stream,
      expectedRevision: NO_STREAM,
      events: [anEvent(stream, 0, { id })],
    });
    const results = await store.appendMany([withId(one), withId(two), anAppend(three, NO_STREAM)]);
    expect(results.map(({ outcome, revision }) => [outcome, revision])).toEqual([
      ['stored', 0],
      ['conflict', -1],
      ['stored', 0],
    ]);
    expect(await store.append(withId(three))).toEqual({ outcome: 'conflict', revision: 0 });
  });

  test('positions are dense, also after refusals and rollbacks', async () => {
    const store = log.open({ deadline: 2_500 });
    await log.sql.query(hook(`if new.type = 'Unlucky' then raise exception 'planted'; end if`));
    const stream = newStream();
    const unlucky = newStream();
    const doomed = { stream: unlucky, expectedRevision: NO_STREAM, events: [anEvent(unlucky, 0, { type: 'Unlucky' })] };
    await Promise.allSettled([
      store.append(anAppend(stream, NO_STREAM, 2)),
      store.append(doomed),
      store.append(anAppend(stream, 5)),
    ]);
    await store.append(anAppend(stream, 1));
    const { rows } = await log.sql.query<{ position: string }>(
      'select position from event_log.events order by position',
    );
    expect(rows.map(({ position }) => position)).toEqual(['1', '2', '3']);
  });

  test('an append that the server cannot take is refused, and those that shared its batch are stored', async () => {
    const store = log.open();
    await log.sql.query(hook(`if new.type = 'Unlucky' then raise exception 'planted' using errcode = '22000'; end if`));
    const unlucky = newStream();
    const doomed = { stream: unlucky, expectedRevision: NO_STREAM, events: [anEvent(unlucky, 0, { type: 'Unlucky' })] };
    const lucky = Array.from({ length: 20 }, () => anAppend(newStream(), NO_STREAM));
    const refused = expect(store.append(doomed)).rejects.toMatchObject({ name: 'AppendRefused' });
    const results = await Promise.all(lucky.map((append) => store.append(append)));
    await refused;
    expect(results.every(({ outcome }) => outcome === 'stored')).toBe(true);
    expect((await store.readAll({ after: null })).events).toHaveLength(20);
  });

  test('a writer that cannot get the lock in time is told that nothing was written, and later ones get in', async () => {
    const store = log.open({ deadline: 2_300 });
    const holder = await log.sql.connect();
    await holder.query(`begin; select pg_advisory_xact_lock(x'726f6c6c626f6f6b'::bigint)`);
    const turnedAway = store.append(anAppend(newStream(), NO_STREAM)).catch((fault: unknown) => fault);
    expect(await turnedAway).toMatchObject({ name: 'StoreUnavailable' });
    holder.release(true);
    await store.append(anAppend(newStream(), NO_STREAM));
    expect((await store.readAll({ after: null })).events).toHaveLength(1);
  });

  test('the connections of the log bound every wait at one second and commit durably', async () => {
    const names = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'synchronous_commit'];
    await log.sql.query(`create table settings (name text, value text);
      ${hook(`insert into settings select name, setting from pg_settings where name in ('${names.join(`','`)}')`)}`);
    await log.open().append(anAppend(newStream(), NO_STREAM));
    const { rows } = await log.sql.query<{ name: string; value: string }>('select * from settings');
    expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual({
      lock_timeout: '1000',
      statement_timeout: '1000',
      idle_in_transaction_session_timeout: '1000',
      synchronous_commit: 'on',
    });
  });

  test('the append function refuses to work under an isolation that would not see what the lock waited for', async () => {
    const client = await log.sql.connect();
    await client.query('begin isolation level repeatable read');
    await expect(client.query(`select * from event_log.append_batch('[]')`)).rejects.toThrow('read committed');
    await client.query('rollback');
    client.release();
  });

  test('a stored event cannot be changed or removed', async () => {
    await log.open().append(anAppend(newStream(), NO_STREAM));
    for (const statement of [
      `update event_log.events set type = 'x'`,
      'delete from event_log.events',
      'truncate event_log.events',
    ])
      await expect(log.sql.query(statement)).rejects.toThrow('A stored event is never changed');
  });

  test('a log that is being closed finishes what it has taken, and takes nothing more', async () => {
    const store = log.open();
    const stream = newStream();
    const appended = store.append(anAppend(stream, NO_STREAM));
    await store.close();
    expect(await appended).toMatchObject({ outcome: 'stored' });
    await expect(store.append(anAppend(stream, 0))).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});
