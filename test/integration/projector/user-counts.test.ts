import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('The counts of people by role and state', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
  });
  afterEach(() => rig.close());

  const counts = async (): Promise<object[]> => {
    await rig.caughtUp('user_directory');
    const { rows } = await rig.pool.query<object>(
      `select role, status, people::int from read_model.user_counts where people <> 0 order by role, status`,
    );
    const { rows: counted } = await rig.pool.query<object>(
      `select role, status, count(*)::int as people from read_model.user_directory group by 1, 2 order by 1, 2`,
    );
    expect(rows).toEqual(counted);
    return rows;
  };

  test('follow everybody through registration, verification, promotion and erasure', async () => {
    await rig.project();
    const anna = await people.register('anna');
    const ben = await people.register('ben');
    expect(await counts()).toEqual([{ role: 'user', status: 'pending', people: 2 }]);
    await people.verify(anna);
    await people.verify(ben);
    await people.signIn(ben);
    await people.promote(anna);
    expect(await counts()).toEqual([
      { role: 'moderator', status: 'active', people: 1 },
      { role: 'user', status: 'active', people: 1 },
    ]);
    await people.erase(ben);
    expect(await counts()).toEqual([
      { role: 'moderator', status: 'active', people: 1 },
      { role: 'user', status: 'erased', people: 1 },
    ]);
  });

  test('are the same when several steps of one person come in one page, and after a restart', async () => {
    const anna = await people.register('anna');
    await people.verify(anna);
    await people.promote(anna);
    await people.register('ben');
    const first = await rig.project();
    const then = await counts();
    expect(then).toEqual([
      { role: 'moderator', status: 'active', people: 1 },
      { role: 'user', status: 'pending', people: 1 },
    ]);
    await first.stop();
    await rig.project();
    expect(await counts()).toEqual(then);
  });

  test('leave a parked person out, and count them once they are erased', async () => {
    const anna = await people.register('anna');
    await people.register('ben');
    await withTransaction(rig.pool, async (client) => {
      await client.query('set local session_replication_role = replica');
      await client.query('delete from keys.person_keys where subject = $1', [anna]);
    });
    await rig.project();
    expect(await counts()).toEqual([{ role: 'user', status: 'pending', people: 1 }]);
    await people.erase(anna);
    expect(await counts()).toEqual([
      { role: 'user', status: 'erased', people: 1 },
      { role: 'user', status: 'pending', people: 1 },
    ]);
  });
});
