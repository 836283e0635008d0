import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { apiKeyStream, sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { withClient } from '../../../migrations/bookkeeping.ts';
import { readSchema } from '../../../migrations/schema-snapshot.ts';
import { READ_MODELS } from '../../../projector/src/read-models.ts';
import { userDirectory } from '../../../projector/src/user-directory/user-directory.ts';
import type { ReadModel } from '../../../projector/src/project-in-order/read-model.ts';
import { API_KEY_ID, apiKeyCreated } from '../../support/api-keys.ts';
import { until } from '../../support/feed-audience.ts';
import { aContext, happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';
import { rebuildOn } from '../../support/rebuild-rig.ts';

describe('A rebuild of a read model', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;
  const names = READ_MODELS.map(({ name }) => name);

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
  });
  afterEach(() => rig.close());

  /** A few people of every kind: with sessions, with an erasure, with a key, with nothing but a registration. */
  const crowd = async (): Promise<readonly string[]> => {
    const ids = await Promise.all(['ann', 'bob', 'cid', 'dot', 'eli', 'fay'].map((name) => people.register(name)));
    for (const id of ids.slice(1)) await people.verify(id);
    for (const id of ids.slice(2)) await people.signIn(id);
    for (const id of ids.slice(2))
      await happen(rig, sessionStream(randomUUID()), {
        type: 'SessionStarted',
        data: { userId: id, ver: 1, expiresAt: 4_000_000_000 },
        personal: null,
      });
    await people.promote(ids[3]!);
    const maker = { ...aContext(), actor: { kind: 'person', id: ids[4]! } as const };
    await rig.log.append(apiKeyStream(API_KEY_ID), EMPTY_STREAM, [apiKeyCreated()], maker);
    await people.erase(ids[4]!);
    return ids;
  };

  const rowsOf = async ({ tables }: ReadModel): Promise<Readonly<Record<string, readonly string[]>>> => {
    const found: Record<string, readonly string[]> = {};
    for (const table of tables) {
      const { rows } = await rig.pool.query<{ row: string }>(
        `select t::text as row from read_model.${table} t order by 1`,
      );
      found[table] = rows.map(({ row }) => row);
    }
    return found;
  };
  const versionsOf = async (name: string): Promise<readonly string[]> =>
    (
      await rig.pool.query<{ row: string }>(
        "select version || ' ' || state as row from read_model.projections where name = $1 order by 1",
        [name],
      )
    ).rows.map(({ row }) => row);
  const schemas = async (): Promise<readonly string[]> =>
    (
      await rig.pool.query<{ name: string }>(
        "select nspname as name from pg_namespace where nspname like 'building%' or nspname like 'retired%'",
      )
    ).rows.map(({ name }) => name);

  test.each(READ_MODELS.map((readModel) => [readModel.name, readModel] as const))(
    'gives %s row for row as the live tables are, and takes its place',
    async (name, readModel) => {
      await rig.project();
      await crowd();
      await rig.caughtUp(...names);
      const before = await rowsOf(readModel);
      expect(Object.values(before).some((rows) => rows.length > 0)).toBe(true);
      const { how, comparison } = await rebuildOn(rig).run(readModel);
      expect([how, comparison.differences]).toEqual(['switched', []]);
      expect(await rowsOf(readModel)).toEqual(before);
      expect([await versionsOf(name), await schemas()]).toEqual([['2 live'], []]);
    },
  );

  test('leaves the schema as the migrations made it, and later migrations find what they look for', async () => {
    await rig.project();
    await crowd();
    await rig.caughtUp(...names);
    await rig.pool.query('grant select on read_model.user_directory to pg_monitor');
    for (const readModel of READ_MODELS) expect((await rebuildOn(rig).run(readModel)).how).toBe('switched');
    const committed = await readFile(join(import.meta.dirname, '../../../migrations/schema.snapshot.sql'), 'utf8');
    expect(await withClient(rig.database.url, readSchema)).toBe(committed);
    expect(
      await rig.one(
        `select has_table_privilege('pg_monitor', 'read_model.user_directory', 'select') as granted,
           (select obj_description('read_model.user_directory'::regclass)) is not null as described,
           (select count(*)::int from pg_stats where schemaname = 'read_model' and tablename = 'user_directory') > 0 as analysed,
           (select count(*)::int from pg_tables where schemaname = 'read_model' and tableowner <> current_user) as strangers`,
      ),
    ).toEqual({ granted: true, described: true, analysed: true, strangers: 0 });
    await rig.pool.query('drop index read_model.user_directory_username');
    await rig.pool.query('alter table read_model.user_directory add column nickname text');
    const later = await rebuildOn(rig).run(userDirectory);
    expect([later.how, await versionsOf('user_directory')]).toEqual(['switched', ['3 live']]);
  });

  test('goes on where it was interrupted, and is refused where another one is at work', async () => {
    await rig.project();
    await crowd();
    await rig.caughtUp(...names);
    const stopping = new AbortController();
    const seen: string[] = [];
    const passed = ({ position }: { position: string }): void => {
      seen.push(position);
      if (seen.length === 2) stopping.abort();
    };
    const { run } = rebuildOn(rig);
    await expect(run(userDirectory, { pageSize: 3, signal: stopping.signal, onReport: { passed } })).rejects.toThrow(
      'aborted',
    );
    expect(await versionsOf('user_directory')).toEqual(['1 live', '2 building']);
    const left = await rig.one<{ position: string }>(
      "select position from read_model.projections where state = 'building'",
    );
    expect(seen).toContain(left!.position);

    let refused: unknown;
    const resumed = await run(userDirectory, {
      pageSize: 3,
      onReport: {
        begun: () => {
          refused = run(userDirectory).catch((fault: unknown) => fault);
        },
      },
    });
    expect(await refused).toMatchObject({ name: 'RebuildUnderWay' });
    expect(resumed).toMatchObject({ how: 'switched', resumed: true, begunAt: left!.position });
    expect(resumed.comparison.differences).toEqual([]);
    expect(await versionsOf('user_directory')).toEqual(['2 live']);
  });

  test('removes what is half built when it is abandoned', async () => {
    await rig.project();
    await crowd();
    await rig.caughtUp(...names);
    const { run, giveUp } = rebuildOn(rig);
    const stopping = new AbortController();
    const passed = (): void => stopping.abort();
    await expect(run(userDirectory, { pageSize: 3, signal: stopping.signal, onReport: { passed } })).rejects.toThrow();
    expect(await schemas()).toEqual(['building_user_directory']);
    expect([await giveUp(userDirectory), await giveUp(userDirectory)]).toEqual([true, false]);
    expect([await schemas(), await versionsOf('user_directory')]).toEqual([[], ['1 live']]);
  });

  test('shows what a changed projection makes different, by keys and columns only, and switches when that is accepted', async () => {
    await rig.project();
    const [ann] = await crowd();
    await rig.caughtUp(...names);
    const changed: ReadModel = {
      ...userDirectory,
      async apply(client, events) {
        await userDirectory.apply(client, events);
        await client.query('update user_directory set phone = $1 where id = $2', ['+1-555-9999', ann]);
      },
    };
    const { run } = rebuildOn(rig);
    const first = await run(changed);
    expect(first.how).toBe('different');
    expect(first.comparison.differences).toEqual([
      { table: 'user_directory', onlyLive: 0, onlyNew: 0, changed: 1, columns: { phone: 1 }, rows: [ann] },
    ]);
    expect(JSON.stringify(first.comparison)).not.toContain('555');
    expect(await versionsOf('user_directory')).toEqual(['1 live', '2 building']);
    expect(await rig.userRow(ann!)).toMatchObject({ phone: '+1-555-0123' });
    expect((await run(changed, { accept: true })).how).toBe('switched');
    expect(await rig.userRow(ann!)).toMatchObject({ phone: '+1-555-9999' });
  });

  test('tells which events are parked in one version only', async () => {
    await rig.project();
    const ids = await crowd();
    await rig.caughtUp(...names);
    const { events } = await rig.log.read(userStream(ids[1]!));
    await rig.pool.query(
      `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
       values ('user_directory', 1, $1, $2, $3, $4, 0, 'UserRegistered', 'a fault of a former program')`,
      [events[0]!.position, ids[1], events[0]!.id, userStream(ids[1]!)],
    );
    const { how, comparison } = await rebuildOn(rig).run(userDirectory);
    expect([how, comparison.differences, comparison.parked]).toEqual([
      'different',
      [],
      { onlyLive: [events[0]!.id], onlyNew: [], both: 0 },
    ]);
  });

  test('the projector goes on with the new version at once, also a standby', async () => {
    const first = await rig.project();
    await rig.project();
    await crowd();
    await rig.caughtUp(...names);
    expect((await rebuildOn(rig).run(userDirectory)).how).toBe('switched');
    const gus = await people.register('gus');
    await until('the new tables show it', async () => (await rig.userRow(gus)) !== undefined);
    await first.stop();
    const hal = await people.register('hal');
    await until('the standby goes on with them', async () => (await rig.userRow(hal)) !== undefined);
    expect(await versionsOf('user_directory')).toEqual(['2 live']);
    await rig.caughtUp('user_directory');
    const counted = await rig.one<{ n: number; all: number }>(
      `select events_count::int as n, (select count(*)::int from event_log.events) as all
       from read_model.projections where name = 'user_directory'`,
    );
    expect(counted!.n).toBe(counted!.all);
  });
});
