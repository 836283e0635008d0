import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Position } from '@rollbook/shared/event-log/event';
import type { MinuteMarks } from '@rollbook/shared/event-log/minute-marks';
import { postgresMinuteMarks } from '@rollbook/shared/event-log/postgres/minute-marks';
import { MINUTE } from '@rollbook/shared/kernel/clock';
import { until } from '../../support/feed-audience.ts';
import { anAppend } from '../../support/log-events.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

const at = (n: number): Position => String(n).padStart(20, '0') as Position;
let rig: ProjectorRig;
let marks: MinuteMarks;
beforeAll(async () => {
  rig = await projectorRig();
  marks = postgresMinuteMarks(rig.pool);
});
beforeEach(() => rig.pool.query('delete from read_model.minute_marks'));
afterAll(() => rig.close());

/** A mark from some minutes ago, by the database's clock. */
const markedAgo = (minutes: number, position: Position, logId = 'log'): Promise<unknown> =>
  rig.pool.query(
    `insert into read_model.minute_marks (minute, log_id, position, marked_at)
     select date_trunc('minute', at), $2, $3, at from (select now() - $1::float8 * interval '1 minute' as at) now`,
    [minutes, logId, position],
  );
const count = async (): Promise<number> => (await rig.pool.query('select from read_model.minute_marks')).rowCount ?? 0;

describe('Marks of where the log ended', () => {
  test('lead to the newest one that is old enough, of the same log', async () => {
    await markedAgo(40, at(1));
    await markedAgo(25, at(2));
    await markedAgo(19, at(3));
    await markedAgo(21, at(9), 'another');
    const found = await marks.newest('log', 20 * MINUTE);
    expect(found?.position).toBe(at(2));
    expect(Math.abs((found?.since ?? 0) - (Date.now() - 25 * MINUTE))).toBeLessThan(MINUTE);
    expect(await marks.newest('log', 60 * MINUTE)).toBeNull();
  });

  test('are one a minute, and the earliest of it stays', async () => {
    await marks.mark('log', at(1));
    await marks.mark('log', at(2));
    // A minute may have ended in between.
    expect(await count()).toBeLessThanOrEqual(2);
    expect((await marks.newest('log', 0))?.position).toBeDefined();
  });

  test('go after a day, but for the newest of those: after a long pause it is the only old one', async () => {
    for (const hours of [72, 48, 30, 20, 1]) await markedAgo(hours * 60, at(100 - hours));
    await marks.mark('log', at(100));
    expect(await count()).toBe(4);
    expect((await marks.newest('log', 24 * 60 * MINUTE))?.position).toBe(at(70));
  });

  test('are made by the projector from its start on', async () => {
    await rig.store.append(anAppend('user-a', -1));
    await rig.project();
    await until('there is a mark', async () => (await count()) > 0);
    expect(await marks.newest(await rig.store.logId(), 0)).toMatchObject({ position: await rig.store.end() });
  });
});
