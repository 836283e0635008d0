import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { Progress } from '../../../projector/src/follow-in-turn/progress.ts';
import { projectInOrder } from '../../../projector/src/project-in-order/project-in-order.ts';
import type { ReadModel } from '../../../projector/src/project-in-order/read-model.ts';
import { notes, NOTES_TABLE } from '../../support/notes-read-model.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('A read model that cannot apply an event', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;
  let stop: AbortController;
  let running: Promise<void>;
  const faults: unknown[] = [];
  const reported: string[] = [];

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
    stop = new AbortController();
    running = Promise.resolve();
    faults.length = 0;
    reported.length = 0;
    await rig.pool.query(NOTES_TABLE);
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await rig.close();
  });

  const run = (readModel: ReadModel): void => {
    const { pool, store, keys } = rig;
    running = projectInOrder(
      {
        databaseUrl: rig.database.url,
        pool,
        store,
        keys,
        clock: systemClock,
        readModel,
        onFault: (fault) => faults.push(fault),
        onParked: ({ type }, reason) => reported.push(`${type}: ${reason}`),
      },
      new Progress('notes', systemClock),
      stop.signal,
    );
  };
  const typesOf = async (person: string): Promise<string[]> => {
    const { rows } = await rig.pool.query<{ type: string }>(
      `select n.type from read_model.notes n join event_log.events e using (id)
       where n.person = $1 order by e.position`,
      [person],
    );
    return rows.map(({ type }) => type);
  };
  const parkedOf = async (person: string): Promise<string[]> => {
    const { rows } = await rig.pool.query<{ text: string }>(
      `select type || ': ' || reason as text from read_model.parked_events where person = $1 order by position`,
      [person],
    );
    return rows.map(({ text }) => text);
  };
  const WAITS = 'Waits behind an earlier event of this person';

  test('parks it with everything later of that person, in one page with others', async () => {
    const [anna, ben] = [await people.register('anna'), await people.register('ben')];
    for (const one of [anna, ben]) await people.verify(one);
    for (const one of [anna, ben]) await people.promote(one);
    run(notes({ person: anna, type: 'EmailVerified', how: 'code' }));
    await rig.caughtUp('notes');
    expect(await typesOf(ben)).toEqual(['UserRegistered', 'EmailVerified', 'RoleChanged']);
    expect(await typesOf(anna)).toEqual(['UserRegistered']);
    expect(await parkedOf(anna)).toEqual(['EmailVerified: notes failed on it', `RoleChanged: ${WAITS}`]);
    expect(reported).toEqual(['EmailVerified: notes failed on it']);
    await people.signIn(anna);
    await people.signIn(ben);
    await rig.caughtUp('notes');
    expect(await typesOf(ben)).toHaveLength(4);
    expect(await parkedOf(anna)).toHaveLength(3);
  });

  test('parks what its table refuses, and repeats no value in the reason', async () => {
    const anna = await people.register('anna');
    await people.verify(anna);
    run(notes({ person: anna, type: 'EmailVerified', how: 'table' }));
    await rig.caughtUp('notes');
    expect(await parkedOf(anna)).toEqual(['EmailVerified: SQLSTATE 22001']);
  });

  test('applies an erasure though the parked events still cannot be applied', async () => {
    const anna = await people.register('anna');
    await people.verify(anna);
    await people.erase(anna);
    run(notes({ person: anna, type: 'EmailVerified', how: 'code' }));
    await rig.caughtUp('notes');
    expect(await typesOf(anna)).toEqual(['UserRegistered', 'PersonErased']);
    expect(await parkedOf(anna)).toEqual([]);
  });

  test('parks nothing for a fault of the database: it tries again', async () => {
    const anna = await people.register('anna');
    const poison = { person: anna, type: 'UserRegistered', how: 'database' as const };
    const readModel = notes(poison);
    run({
      ...readModel,
      async apply(client, events) {
        if (faults.length === 2) poison.person = 'nobody';
        await readModel.apply(client, events);
      },
    });
    await rig.caughtUp('notes');
    expect(faults).toHaveLength(2);
    expect(await typesOf(anna)).toEqual(['UserRegistered']);
    expect(await parkedOf(anna)).toEqual([]);
  });
});
