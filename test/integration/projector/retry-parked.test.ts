import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { projections } from '../../../projector/src/command-line/main.ts';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { Progress } from '../../../projector/src/follow-in-turn/progress.ts';
import { projectInOrder } from '../../../projector/src/project-in-order/project-in-order.ts';
import { retryParked } from '../../../projector/src/project-in-order/retry-parked.ts';
import { redriveParked } from '../../../projector/src/redrive/redrive-parked.ts';
import { until } from '../../support/feed-audience.ts';
import { notes, NOTES_TABLE, type Poison } from '../../support/notes-read-model.ts';
import { happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';
import { rebuildOn } from '../../support/rebuild-rig.ts';

const WAITS = 'Waits behind an earlier event of this person';

describe('Events that were parked', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;
  let stop: AbortController;
  let running: Promise<void>[];
  let anna: string;
  const poison: Poison = { person: '', type: 'EmailVerified', how: 'code' };

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
    stop = new AbortController();
    running = [];
    await rig.pool.query(NOTES_TABLE);
    anna = await people.register('anna');
    await people.verify(anna);
    await people.promote(anna);
    poison.person = anna;
    project();
    await rig.caughtUp('notes');
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    await rig.close();
  });

  const parts = () => ({
    ...{ databaseUrl: rig.database.url, pool: rig.pool, store: rig.store, keys: rig.keys, clock: systemClock },
    ...{ readModel: notes(poison), onFault: () => undefined, onParked: () => undefined },
  });
  const project = (): void => {
    running.push(projectInOrder(parts(), new Progress('notes', systemClock), stop.signal));
  };
  const redrive = (): void => {
    const options = { ...parts(), readModels: [parts().readModel], onParked: () => () => undefined };
    const silent = { ...options, onRetried: () => undefined };
    running.push(redriveParked(silent, new Progress('redrive', systemClock), stop.signal));
  };
  const heal = (): void => {
    poison.person = 'nobody';
  };
  const typesOf = async (person: string): Promise<string[]> => {
    const { rows } = await rig.pool.query<{ type: string }>(
      `select n.type from read_model.notes n join event_log.events e using (id) where n.person = $1 order by e.position`,
      [person],
    );
    return rows.map(({ type }) => type);
  };
  const parkedOf = async (person: string) => {
    const { rows } = await rig.pool.query<{ text: string; since: Date; tried: Date | null; id: string }>(
      `select type || ': ' || reason as text, parked_at as since, tried_at as tried, event_id as id
       from read_model.parked_events where person = $1 order by position`,
      [person],
    );
    return rows;
  };
  const texts = async (person: string) => (await parkedOf(person)).map(({ text }) => text);

  test('are applied in the order of the log once what stood in the way is gone, and nothing waits any more', async () => {
    heal();
    expect(await retryParked(parts(), anna)).toEqual({ applied: 2, parked: 0 });
    expect(await typesOf(anna)).toEqual(['UserRegistered', 'EmailVerified', 'RoleChanged']);
    expect(await texts(anna)).toEqual([]);
    await people.signIn(anna);
    await rig.caughtUp('notes');
    expect(await typesOf(anna)).toHaveLength(4);
    // Nothing is left to be tried: a repeat does nothing.
    expect(await retryParked(parts(), anna)).toEqual({ applied: 0, parked: 0 });
  });

  test('and were applied while a rebuild waits to switch are not parked again by the switch', async () => {
    const reader = await rig.pool.connect();
    await reader.query('begin; select from read_model.notes');
    const rebuilding = rebuildOn(rig).run(parts().readModel);
    const refused = expect(rebuilding).rejects.toThrow('compare them again');
    await until('The switch waits for the reader', async () => {
      const waiting = "select from pg_locks where mode = 'AccessExclusiveLock' and not granted";
      return (await rig.pool.query(waiting)).rowCount === 1;
    });
    heal();
    expect(await retryParked(parts(), anna)).toEqual({ applied: 2, parked: 0 });
    await reader.query('rollback');
    reader.release();
    await refused;
    expect(await typesOf(anna)).toEqual(['UserRegistered', 'EmailVerified', 'RoleChanged']);
    // Said again it shows what is parked in the new version only.
    const { how, comparison } = await rebuildOn(rig).run(parts().readModel);
    expect([how, comparison.parked.onlyNew.length]).toEqual(['different', 2]);
    expect((await rebuildOn(rig).run(parts().readModel, { accept: true })).how).toBe('switched');
  });

  test('stay parked with the new reason where they fail again, with the time since when', async () => {
    const [before] = await parkedOf(anna);
    poison.how = 'table';
    expect(await retryParked(parts(), anna)).toEqual({ applied: 0, parked: 2 });
    poison.how = 'code';
    const [first, ...later] = await parkedOf(anna);
    expect(first).toMatchObject({ text: 'EmailVerified: SQLSTATE 22001', since: before!.since, id: before!.id });
    expect(first!.tried).not.toBeNull();
    expect(later.map(({ text }) => text)).toEqual([`RoleChanged: ${WAITS}`]);
  });

  test('are applied up to the next that fails', async () => {
    poison.type = 'RoleChanged';
    expect(await retryParked(parts(), anna)).toEqual({ applied: 1, parked: 1 });
    poison.type = 'EmailVerified';
    expect(await typesOf(anna)).toEqual(['UserRegistered', 'EmailVerified']);
    expect(await texts(anna)).toEqual(['RoleChanged: notes failed on it']);
  });

  test('are applied once by several at the same moment, while events of the same person still come', async () => {
    heal();
    const signingIn = (async () => {
      for (let n = 0; n < 10; n += 1) await people.signIn(anna);
    })();
    const results = await Promise.all(Array.from({ length: 4 }, () => retryParked(parts(), anna)));
    await signingIn;
    // Whatever was parked behind them meanwhile went with them, or is tried now.
    await retryParked(parts(), anna);
    await rig.caughtUp('notes');
    expect(results.filter(({ applied }) => applied > 0)).toHaveLength(1);
    expect(await texts(anna)).toEqual([]);
    expect(await typesOf(anna)).toHaveLength(13);
  });

  test('are tried again when a request stands in the log, also by a projector that starts later, and by two', async () => {
    heal();
    const { id } = (await parkedOf(anna))[0]!;
    const request = { type: 'RedriveRequested', data: { what: 'parked_event', id }, personal: null } as const;
    await happen(rig, 'operations', request);
    redrive();
    redrive();
    await until('nothing is parked', async () => (await texts(anna)).length === 0);
    expect(await typesOf(anna)).toEqual(['UserRegistered', 'EmailVerified', 'RoleChanged']);
    // Nothing stands still under this id any more: harmless.
    await happen(rig, 'operations', request);
    await rig.caughtUp('redrive');
    expect(await typesOf(anna)).toHaveLength(3);
  });

  test('of other read models and other people are left alone by a request', async () => {
    const ben = await people.register('ben');
    await people.verify(ben);
    await rig.caughtUp('notes');
    heal();
    const id = '00000000-0000-4000-8000-000000000000';
    const data = { what: 'parked_event', id } as const;
    await happen(rig, 'operations', { type: 'RedriveRequested', data, personal: null });
    redrive();
    await rig.caughtUp('redrive');
    expect(await texts(anna)).toHaveLength(2);
  });
});

describe('npm run projections -- retry', () => {
  let rig: ProjectorRig;
  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  const run = async (...words: readonly string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
    const code = await projections(words, rig.env, terminal);
    return { code, out: out.join('\n'), err: err.join('\n').split('\n')[0] };
  };

  test('brings the row of a person right while a projector runs, and list shows what is parked', async () => {
    const people = peopleIn(rig);
    const anna = await people.register('anna');
    await rig.project();
    await rig.caughtUp('user_directory');
    // What no program of ours writes: the table refuses what the next event makes of the row.
    await rig.pool.query(
      `alter table read_model.user_directory add constraint planted check (not email_verified) not valid`,
    );
    await people.verify(anna);
    await people.promote(anna);
    await rig.caughtUp('user_directory');
    const listed = await run('list', '--json');
    expect(JSON.parse(listed.out)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'user_directory', state: 'live', parked_events: 2, parked_people: 1 }),
      ]),
    );
    expect(await run('retry', 'user_directory', '--all')).toEqual({
      code: 1,
      out: '0 applied, 2 still parked.',
      err: '',
    });
    await rig.pool.query('alter table read_model.user_directory drop constraint planted');
    const retried = await run('retry', 'user_directory', '--person', anna.toUpperCase());
    expect(retried).toEqual({ code: 0, out: '2 applied, 0 still parked.', err: '' });
    expect(await rig.userRow(anna)).toMatchObject({ email_verified: true, role: 'moderator' });
    expect(await run('retry', 'user_directory', '--all')).toEqual({ code: 0, out: 'Nothing is parked.', err: '' });
    expect((await run('list')).out).toMatch(/^user_directory +1 +live +\d+ +\d+ ms +0 +0$/m);
  });

  test.each([
    [['retry'], 'retry takes one read model: '],
    [['retry', 'user_directory'], 'retry takes either --person <id> or --all.'],
    [['retry', 'user_directory', '--all', '--person', '00000000-0000-4000-8000-000000000000'], 'retry takes either'],
    [['retry', 'user_directory', '--person', 'anna'], '--person takes the id of a person.'],
    [['retry', 'user_sessions', '--all'], 'user_sessions parks nothing'],
  ])('refuses %j', async (words, sentence) => {
    const { code, err } = await run(...words);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});
