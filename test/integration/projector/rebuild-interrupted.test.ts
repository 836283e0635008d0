import { randomInt, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import { READ_MODELS } from '../../../projector/src/read-models.ts';
import { userDirectory } from '../../../projector/src/user-directory/user-directory.ts';
import { userSessions } from '../../../projector/src/user-sessions/user-sessions.ts';
import { startFile } from '../../support/child-process.ts';
import { until } from '../../support/feed-audience.ts';
import { aContext, happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';
import { rebuildOn } from '../../support/rebuild-rig.ts';
import { everyTable, Wanted, whereFound } from '../../support/search-everything.ts';

describe('A rebuild that is interrupted', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
  });
  afterEach(() => rig.close());

  const rows = async (table: string): Promise<readonly string[]> =>
    (await rig.pool.query<{ row: string }>(`select t::text as row from read_model.${table} t order by 1`)).rows.map(
      ({ row }) => row,
    );

  /** Signed in from an address that tells who they are. */
  const signIn = async (id: string, address: string): Promise<void> => {
    await rig.log.append(
      sessionStream(randomUUID()),
      { revision: -1, hash: null, recordedAt: null },
      [{ type: 'SessionStarted', data: { userId: id, ver: 1, expiresAt: 4_000_000_000 }, personal: null }],
      { ...aContext(), actor: { kind: 'person', id }, origin: { address, userAgent: `browser of ${address}` } },
    );
  };

  test('by a kill at any moment goes on, and ends in the same rows, while people go on', async () => {
    await rig.project();
    const ids: string[] = [];
    for (let n = 0; n < 40; n += 1) ids.push(await people.register(`person${n}`));
    const resting = new AbortController();
    const going = (async () => {
      for (let n = 0; !resting.signal.aborted; n += 1) await people.signIn(ids[n % ids.length]!);
    })();
    const env = { ...rig.env, READ_MODEL: 'user_directory' };
    let [kills, switches] = [0, 0];
    while (kills < 4 || switches === 0) {
      const child = startFile('test/support/rebuild-child.ts', [], env);
      await until('it works', () => /passed|compared|step/.test(child.said()) || child.child.exitCode !== null, 60_000);
      if (kills < 4) {
        await new Promise((resolve) => setTimeout(resolve, randomInt(0, 150)));
        await child.stop('SIGKILL');
        kills += 1;
      }
      const { code, said } = await child.exit;
      expect([0, null, said]).toContain(code ?? null);
      if (code === 0) switches += 1;
    }
    resting.abort();
    await going;
    await rig.caughtUp('user_directory');
    const live = await rows('user_directory');
    const { how, comparison } = await rebuildOn(rig).run(userDirectory);
    expect([how, comparison.differences, await rows('user_directory')]).toEqual(['switched', [], live]);
    expect(live).toHaveLength(40);
    const left = await rig.pool.query(
      "select nspname from pg_namespace where nspname like 'building%' or nspname like 'retired%'",
    );
    expect(left.rows).toEqual([]);
  }, 180_000);

  test('holds nothing of who is erased meanwhile, within seconds, and goes on to the same rows', async () => {
    await rig.project();
    const words = ['zqanna', 'zqbella', 'zqcarla'] as const;
    const ids: string[] = [];
    for (const word of words) {
      const id = await people.register(word, {
        type: 'ProfileChanged',
        data: { fields: ['firstName', 'phone', 'preferences'] },
        personal: { firstName: `${word}first`, phone: `${word}phone`, preferences: { [word]: word } },
      } as never);
      await signIn(id, `${word}address`);
      ids.push(id);
    }
    for (const id of ids) await people.verify(id);
    await rig.caughtUp(...READ_MODELS.map(({ name }) => name));
    const { run } = rebuildOn(rig);
    for (const readModel of [userDirectory, userSessions]) {
      const stopping = new AbortController();
      // Everybody is in the new tables by then, and nobody's last event.
      const passed = ({ events }: { events: number }): void => {
        if (events >= 9) stopping.abort();
      };
      await expect(run(readModel, { pageSize: 1, signal: stopping.signal, onReport: { passed } })).rejects.toThrow();
    }
    const held = await rig.one<{ n: number }>(
      `select (select count(*) from building_user_directory.user_directory where phone like 'zq%')::int
         + (select count(*) from building_user_sessions.user_sessions where address like 'zq%')::int as n`,
    );
    expect(held).toEqual({ n: 6 });
    await rig.pool.query(
      'analyze building_user_directory.user_directory; analyze building_user_sessions.user_sessions',
    );

    for (const id of ids) await people.erase(id);
    const found = async (): Promise<object> => {
      const places = new Map(await everyTable(rig.database.url));
      // The digests that the test's registrations were written with.
      places.delete('event_log.events');
      return whereFound(new Wanted(words), places);
    };
    await until('no table holds anything of them', async () => Object.keys(await found()).length === 0, 60_000);
    expect(await rig.one("select count(*)::int as n from read_model.projections where state = 'building'")).toEqual({
      n: 2,
    });
    for (const readModel of [userDirectory, userSessions]) {
      const { how, comparison, resumed } = await run(readModel);
      expect([readModel.name, how, resumed, comparison.differences]).toEqual([readModel.name, 'switched', true, []]);
    }
    expect(await found()).toEqual({});
    expect(await rig.one('select count(*)::int as n from read_model.erased_meanwhile')).toEqual({ n: 0 });
  }, 120_000);

  test('and one that runs while somebody is erased writes nothing of theirs after that', async () => {
    await rig.project();
    const anna = await people.register('zqanna');
    const later = Array.from({ length: 12 }, (_none, n) => ({
      type: 'ProfileChanged' as const,
      data: { fields: ['phone'] },
      personal: { phone: `zqphone${n}` },
    }));
    for (const event of later) await happen(rig, `user-${anna}`, event as never);
    await rig.caughtUp('user_directory');
    // The key as it was when the rebuild began: whatever is opened, is opened with it.
    const kept = new Map(await rig.keys.findMany([anna]));
    let asked = 0;
    const findMany = async (subjects: readonly string[]): Promise<typeof kept> => {
      asked += 1;
      if (asked === 5) {
        await people.erase(anna);
        await rig.caughtUp('user_directory', 'destroy-keys');
      }
      return new Map([...(await rig.keys.findMany(subjects)), ...kept]);
    };
    const keys = { findMany } as unknown as typeof rig.keys;
    const stopping = new AbortController();
    const passed = ({ events }: { events: number }): void => {
      if (events === 9) stopping.abort();
    };
    const { run } = rebuildOn(rig);
    await expect(
      run(userDirectory, { pageSize: 1, keys, signal: stopping.signal, onReport: { passed } }),
    ).rejects.toThrow();
    expect(asked).toBeGreaterThan(8);
    const held = 'select id, revision, t::text as row from building_user_directory.user_directory t';
    const row = await rig.one<{ id: string; revision: number; row: string }>(held);
    expect([row!.id, row!.revision >= 8, row!.row.includes('zq')]).toEqual([anna, true, false]);
    const { how, comparison } = await run(userDirectory);
    expect([how, comparison.differences]).toEqual(['switched', []]);
  });
});
