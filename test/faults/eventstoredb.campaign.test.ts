import { afterEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { call, type ClientAnswer } from '../support/client.ts';
import { startEventStoreDbLog, type Misdeed } from '../support/eventstoredb-log.ts';
import { until } from '../support/feed-audience.ts';
import { peopleIn } from '../support/people.ts';
import { createDatabase } from '../support/postgres.ts';
import { projectorRig, type ProjectorRig } from '../support/projector-rig.ts';
import { ADMIN } from '../support/rollbook.ts';
import { testSecrets } from '../support/test-secrets.ts';

// A campaign is as long as the goal asks with FAULTS=full (`npm run test:faults`), else some seconds.
const isFull = process.env['FAULTS'] === 'full';
const REGISTRATIONS = isFull ? 1_000 : 40;
const ROUNDS = isFull ? 20 : 1;
const EVENTS = isFull ? 10_000 : 150;
const AT_ONCE = isFull ? 50 : 16;
const MINUTES = 60_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const inLanes = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
};

describe('an EventStoreDB that loses every third acknowledgement', () => {
  test(
    `${String(REGISTRATIONS)} registrations, some for one name: none acknowledged twice, none lost, none duplicated`,
    async () => {
      const database = await createDatabase();
      closing.push(database.drop);
      const log = await startEventStoreDbLog();
      closing.push(log.end);
      const commandApi = await startCommandApi(
        {
          ...testSecrets(),
          NODE_ENV: 'test',
          HOST: '127.0.0.1',
          PORT: '0',
          DATABASE_URL: database.url,
          EVENT_STORE_URL: log.node.connectionString,
          PUBLIC_URL: 'http://127.0.0.1:8000',
          ADMIN_EMAIL: ADMIN.email,
          ADMIN_PASSWORD: ADMIN.password,
          BCRYPT_COST: '4',
          RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
          RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
          LOG_LEVEL: 'silent',
        },
        { store: log.open({ answerLimit: 500 }) },
      );
      closing.push(() => commandApi.stop());
      const lost = log.node.misbehave({ on: 'append', do: 'lose-answer', every: 3, times: Infinity });
      const people = Array.from({ length: REGISTRATIONS }, (_, n) => ({
        name: `person_${String(n)}`,
        key: randomUUID(),
      }));
      // Every tenth has a rival for the name.
      const rivals = people.filter((_, n) => n % 10 === 0).map(({ name }) => ({ name, key: randomUUID() }));
      const acknowledged = new Map<string, string[]>();
      let unknown = 0;
      const register = async ({ name, key }: { name: string; key: string }): Promise<void> => {
        const body = { email: `${name}@example.org`, username: name, password: 'Correct-Horse-7' };
        for (;;) {
          const options = { body, headers: { 'idempotency-key': key } };
          const answer: ClientAnswer = await call(commandApi.addresses['http'] ?? '', 'POST', '/users', options);
          if (answer.status === 201)
            acknowledged.set(name, [...(acknowledged.get(name) ?? []), String(answer.body.id)]);
          if (answer.status === 201) return;
          if (answer.status === 409 && answer.body.error.details[0].code !== 'in_progress') return;
          if (answer.status === 503) unknown += 1;
          else if (answer.status !== 409) throw new Error(JSON.stringify([answer.status, answer.body]));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const started = performance.now();
      await inLanes([...people, ...rivals], register);
      const seconds = (performance.now() - started) / 1_000;
      lost.cancel();

      expect(acknowledged.size).toBe(REGISTRATIONS);
      const ids = [...acknowledged.values()].flat();
      expect(ids).toHaveLength(REGISTRATIONS);
      expect(lost.done).toBeGreaterThan(REGISTRATIONS / 2);
      const records = log.node.log.records.filter(({ stream }) => !stream.startsWith('$'));
      expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
      const registered = records.filter(({ type }) => type === 'UserRegistered').map(({ stream }) => stream);
      const [admin, ...others] = registered;
      expect(admin).toMatch(/^user-/);
      expect(others.sort()).toEqual(ids.map((id) => `user-${id}`).sort());
      if (isFull)
        console.log(
          `${String(REGISTRATIONS)} registrations in ${seconds.toFixed(1)} s, ${String(lost.done)} answers lost, ${String(unknown)} answered 503 and asked again`,
        );
    },
    10 * MINUTES,
  );
});

describe('an EventStoreDB whose subscriptions drop, hang and end', () => {
  // A checkpoint signed between both runs would be one event more for the second.
  const UNSEALED = { sealing: { every: 1e9, most: 1e9 } };
  const snapshot = async ({ pool }: ProjectorRig): Promise<unknown> => ({
    people: (await pool.query('select * from read_model.user_directory order by id')).rows,
    people_by_role: (await pool.query('select * from read_model.user_counts order by role, status')).rows,
    sessions: (await pool.query('select * from read_model.user_sessions order by id')).rows,
    endings: (await pool.query('select * from read_model.user_session_endings order by user_id')).rows,
    erasures: (await pool.query('select * from read_model.erasures order by id')).rows,
    parked: (await pool.query('select * from read_model.parked_events order by position')).rows,
    messages: (
      await pool.query(
        'select partition, id, key, type, position, time, data from message_feed.messages order by position',
      )
    ).rows,
    counts: (await pool.query('select name, position, events_count from read_model.projections order by name')).rows,
  });

  test(
    `each ${String(ROUNDS)} times during ${String(EVENTS)} events: the tables are those of an undisturbed run`,
    async () => {
      const log = await startEventStoreDbLog();
      closing.push(log.end);
      const rig = await projectorRig({ eventStoreUrl: log.node.connectionString });
      closing.push(rig.close);
      const people = peopleIn(rig);
      const readModels = ['user_directory', 'user_sessions', 'erasures', 'api_keys', 'audit_index'];
      const followers = [...readModels, 'relay', 'destroy-keys', 'redrive'];
      const deeds: readonly Misdeed[] = [{ do: 'drop' }, { do: 'lose-answer' }, { do: 'end' }];
      const rounds = Array.from({ length: ROUNDS }, () => deeds).flat();
      const share = Math.ceil(EVENTS / rounds.length);
      let written = 0;
      const live = async (name: string, events: number): Promise<void> => {
        const id = await people.register(name);
        await people.verify(id);
        for (let n = 2; n < events - 1; n += 1) await (n % 5 === 0 ? people.promote(id) : people.signIn(id));
        await (written % 7 === 0 ? people.erase(id) : people.signIn(id));
        written += events;
      };
      const projector = await rig.project(UNSEALED);
      await rig.caughtUp(...followers);
      const recoveries: number[] = [];
      for (const [round, deed] of rounds.entries()) {
        // A subscription that hangs while it owes nothing is nobody's loss; what is written now makes all stand again.
        await live(`before_${String(round)}`, 4);
        await rig.caughtUp(...followers);
        const writing = Promise.all(
          Array.from({ length: Math.ceil(share / 12) }, (_, n) => live(`person_${String(round)}_${String(n)}`, 12)),
        );
        // In the middle of the writing.
        const goal = written + share / 3;
        await until('some are written', () => written >= goal);
        // One for all who stand at the end, and one for each who has not come back there.
        await until('they are subscribed', () => log.node.subscriptions.size > 0);
        for (const subscription of [...log.node.subscriptions]) subscription.disturb({ on: 'subscribe', ...deed });
        const disturbed = performance.now();
        await writing;
        await rig.caughtUp(...followers);
        recoveries.push(performance.now() - disturbed);
      }
      expect(written).toBeGreaterThanOrEqual(EVENTS);
      expect(Math.max(...recoveries)).toBeLessThan(30_000);
      const disturbedTables = await snapshot(rig);
      await projector.stop();

      await rig.pool.query(`truncate read_model.user_directory, read_model.user_counts,
          read_model.user_sessions, read_model.user_session_endings, read_model.erasures, read_model.parked_events,
          message_feed.messages;
        delete from read_model.projections`);
      const started = performance.now();
      await rig.project(UNSEALED);
      // All of it from the beginning: that is as long as the machine needs, and not a recovery.
      const end = (await log.open().end()) ?? '';
      const isBehind = async (name: string): Promise<boolean> => ((await rig.positionOf(name)) ?? '') < end;
      for (const name of followers) await until(`${name} is through`, async () => !(await isBehind(name)), 5 * MINUTES);
      if (isFull)
        console.log(
          `${String(written)} events, ${String(rounds.length)} disturbances, slowest recovery ${(Math.max(...recoveries) / 1_000).toFixed(1)} s; undisturbed in ${((performance.now() - started) / 1_000).toFixed(1)} s`,
        );
      const undisturbed = await snapshot(rig);
      expect(undisturbed).toEqual(disturbedTables);
    },
    20 * MINUTES,
  );
});
