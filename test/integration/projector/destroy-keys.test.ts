import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('The keys of the erased', () => {
  let rig: ProjectorRig;
  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  /** Puts the whole table back as it was, past the guard that lets no tombstone be replaced. */
  const restore = (rows: readonly unknown[]): Promise<void> =>
    withTransaction(rig.pool, async (client) => {
      await client.query('set local session_replication_role = replica');
      await client.query('delete from keys.person_keys');
      await client.query(
        'insert into keys.person_keys select * from json_populate_recordset(null::keys.person_keys, $1)',
        [JSON.stringify(rows)],
      );
    });

  test('are destroyed again after a backup of the keys was put back, before the projector is ready', async () => {
    const people = peopleIn(rig);
    const [anna, ben, carl] = [
      await people.register('anna'),
      await people.register('ben'),
      await people.register('carl'),
    ];
    const { rows } = await rig.pool.query<{ row: { subject: string } }>(
      'select to_json(k) as row from keys.person_keys k',
    );
    const backup = rows.map(({ row }) => row);
    await people.erase(anna);
    await people.erase(ben);
    const projector = await rig.project();
    await rig.caughtUp('destroy-keys');
    expect(await rig.keys.find(anna)).toBe('destroyed');
    await projector.stop();

    await restore(backup.filter(({ subject }) => subject !== ben));
    expect(await rig.keys.find(anna)).toMatchObject({ keyId: expect.any(String) as unknown });
    expect(await rig.keys.find(ben)).toBe('missing');
    const again = await rig.project();
    await until('it is ready', async () => (await fetch(`${again.addresses['http']!}/health/ready`)).ok);
    expect(await rig.keys.find(anna)).toBe('destroyed');
    expect(await rig.keys.find(ben)).toBe('destroyed');
    expect(await rig.keys.find(carl)).toMatchObject({ keyId: expect.any(String) as unknown });
  });
});
