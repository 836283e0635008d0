import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OtherLog } from '@rollbook/shared/event-log/errors';
import { loadPosition, PositionMoved, savePosition } from '../../../projector/src/follow-in-turn/position.ts';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

/** ms: processes are started and killed, on a machine that may be busy. */
const LONG = 180_000;

describe('A projector', () => {
  let rig: ProjectorRig;

  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  const signIns = async (): Promise<number> =>
    (await rig.one<{ sum: number }>('select coalesce(sum(sign_ins), 0)::int as sum from read_model.user_directory'))!
      .sum;
  const events = async (name: string): Promise<number> =>
    (await rig.one<{ n: number }>('select events_count::int as n from read_model.projections where name = $1', [name]))!
      .n;
  /** How many events were counted, and how many the log holds up to the position. At one moment: more may come at any. */
  const counts = () =>
    rig.one<{ counted: number; logged: number }>(
      `select events_count::int as counted,
         (select count(*)::int from event_log.events e where e.position <= p.position::bigint) as logged
       from read_model.projections p where name = 'user_directory'`,
    );
  const everyEventIsCountedOnce = async (): Promise<void> => {
    const { counted, logged } = (await counts())!;
    expect(counted).toBe(logged);
  };

  /** Five people who sign in again and again until told to stop; gives how often they did. */
  const crowd = async (stop: () => boolean): Promise<number> => {
    const people = peopleIn(rig);
    const counts = await Promise.all(
      ['ann', 'bob', 'cid', 'dot', 'eli'].map(async (name) => {
        const id = await people.register(name);
        let count = 0;
        for (; !stop(); count += 1) await people.signIn(id);
        return count;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };

  test(
    'counts every sign-in exactly once, though it is killed again and again',
    async () => {
      let done = false;
      const signingIn = crowd(() => done);
      for (let round = 0; round < 3; round += 1) {
        const before = await rig.positionOf('user_directory');
        const child = rig.spawn();
        await until('it works', async () => (await rig.positionOf('user_directory')) !== before);
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
        child.kill('SIGKILL');
      }
      done = true;
      const expected = await signingIn;
      await rig.project();
      await rig.caughtUp('user_directory');
      expect(await signIns()).toBe(expected);
      await everyEventIsCountedOnce();
    },
    LONG,
  );

  test(
    'shares the work with a second one: nothing twice, and the standby takes over',
    async () => {
      let done = false;
      const signingIn = crowd(() => done);
      const first = await rig.project();
      const second = await rig.project();
      await until('they work', async () => (await rig.positionOf('user_directory')) !== null);
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const { addresses } of [first, second])
        await until('both are ready', async () => (await fetch(`${addresses['http']!}/health/ready`)).ok);
      await first.stop();
      const left = await rig.positionOf('user_directory');
      await until('the standby goes on', async () => (await rig.positionOf('user_directory')) !== left);
      done = true;
      const expected = await signingIn;
      await rig.caughtUp('user_directory');
      expect(await signIns()).toBe(expected);
      await everyEventIsCountedOnce();
    },
    LONG,
  );

  test(
    'goes on by itself after all its connections broke',
    async () => {
      let done = false;
      const signingIn = crowd(() => done);
      await rig.project();
      await until('it works', async () => (await rig.positionOf('user_directory')) !== null);
      await rig.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'rollbook projector%'`,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      done = true;
      const expected = await signingIn;
      await rig.caughtUp('user_directory', 'relay', 'destroy-keys');
      expect(await signIns()).toBe(expected);
      await everyEventIsCountedOnce();
    },
    LONG,
  );

  test('stops within two seconds, and is live and ready before', async () => {
    const people = peopleIn(rig);
    await people.register('anna');
    const projector = await rig.project();
    const http = projector.addresses['http']!;
    await until('it is ready', async () => (await fetch(`${http}/health/ready`)).status === 200);
    expect((await fetch(`${http}/health/live`)).status).toBe(200);
    const began = performance.now();
    await projector.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('never saves a position that somebody else moved', async () => {
    await peopleIn(rig).register('anna');
    const follower = { name: 'somebody', version: 1 };
    expect(await loadPosition(rig.pool, follower, await rig.store.logId())).toBeNull();
    const end = (await rig.store.end())!;
    const move = { from: null, to: end, time: null, events: 1, atEnd: true };
    await savePosition(rig.pool, follower, move);
    await expect(savePosition(rig.pool, follower, move)).rejects.toThrow(PositionMoved);
    expect(await events('somebody')).toBe(1);
  });

  test('refuses a position of another log', async () => {
    const follower = { name: 'somebody', version: 1 };
    await loadPosition(rig.pool, follower, 'one log');
    await expect(loadPosition(rig.pool, follower, 'another log')).rejects.toThrow(OtherLog);
  });

  test('marks what it wrote when the log is another one, and takes the mark away when it is the right one again', async () => {
    await peopleIn(rig).register('anna');
    const first = await rig.project();
    await rig.caughtUp('user_directory');
    await first.stop();
    const marked = async (): Promise<boolean | undefined> =>
      (
        await rig.one<{ marked: boolean }>(
          "select other_log_at is not null as marked from read_model.projections where name = 'user_directory'",
        )
      )?.marked;
    expect(await marked()).toBe(false);
    const logId = await rig.store.logId();
    await rig.pool.query("update read_model.projections set log_id = 'another' where name = 'user_directory'");
    const projector = await rig.project();
    await until('it is marked', async () => (await marked()) === true);
    expect((await fetch(`${projector.addresses['http']!}/health/ready`)).status).toBe(503);
    await rig.pool.query("update read_model.projections set log_id = $1 where name = 'user_directory'", [logId]);
    await until('the mark is gone', async () => (await marked()) === false);
  });
});
