import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { until } from '../../support/feed-audience.ts';
import { happen, peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('The user directory', () => {
  let rig: ProjectorRig;
  let people: ReturnType<typeof peopleIn>;

  beforeEach(async () => {
    rig = await projectorRig();
    people = peopleIn(rig);
  });
  afterEach(() => rig.close());

  /** As a restore that missed some rows would: the table itself refuses. */
  const loseKey = (person: string): Promise<void> =>
    withTransaction(rig.pool, async (client) => {
      await client.query('set local session_replication_role = replica');
      await client.query('delete from keys.person_keys where subject = $1', [person]);
    });

  const parked = async (): Promise<object[]> =>
    (await rig.pool.query<object>('select person, type, reason from read_model.parked_events order by position')).rows;

  test('shows a person as the log tells it', async () => {
    await rig.project();
    const anna = await people.register('anna');
    await people.verify(anna);
    await people.promote(anna);
    await people.signIn(anna);
    await people.signIn(anna);
    await rig.caughtUp('user_directory');
    const { events } = await rig.log.read(userStream(anna));
    const times = await rig.one<{ last_login: Date }>('select max(recorded_at) as last_login from event_log.events');
    expect(await rig.userRow(anna)).toEqual({
      id: anna,
      username: 'anna',
      email: 'anna@Example.com',
      email_canonical: 'anna@example.com',
      search: '\nanna\nfirst last\nanna@example.com',
      search_starts: ['a', 'an', 'f', 'fi'],
      email_verified: true,
      pending_email: null,
      name: 'First Last',
      given_name: null,
      first_name: 'First',
      last_name: 'Last',
      phone: '+1-555-0123',
      role: 'moderator',
      status: 'active',
      preferences: { theme: 'dark' },
      picture_url: null,
      picture: null,
      created_at: new Date(events[0]!.recordedAt),
      updated_at: new Date(events[2]!.recordedAt),
      last_login: new Date(times!.last_login),
      revision: 2,
      sign_ins: 2,
    });
  });

  test('shows a registration within 200 ms, 99 times out of 100', async () => {
    await rig.project();
    await people.register('first');
    await rig.caughtUp('user_directory');
    const ninetyNineOf100 = async (round: number): Promise<number> => {
      const waits: number[] = [];
      for (let n = 0; n < 100; n += 1) {
        const id = await people.register(`person${String(round)}-${String(n)}`);
        const written = performance.now();
        while (!(await rig.userRow(id))) await new Promise((resolve) => setTimeout(resolve, 1));
        waits.push(performance.now() - written);
      }
      return waits.sort((a, b) => a - b)[98]!;
    };
    // Other tests run on the same cores: a bad moment is given a second chance, a slow projector has none.
    const first = await ninetyNineOf100(1);
    expect(first < 200 ? first : await ninetyNineOf100(2)).toBeLessThan(200);
  });

  test('keeps nothing personal of an erased person, and destroys the key', async () => {
    await rig.project();
    const anna = await people.register('anna');
    await people.signIn(anna);
    await people.erase(anna);
    await rig.caughtUp('user_directory');
    expect(await rig.userRow(anna)).toMatchObject({
      status: 'erased',
      username: null,
      email: null,
      email_canonical: null,
      search: null,
      search_starts: null,
      name: null,
      given_name: null,
      first_name: null,
      last_name: null,
      phone: null,
      preferences: null,
    });
    await until('the key is destroyed', async () => (await rig.keys.find(anna)) === 'destroyed');
  });

  test('reads a person whose key is destroyed already as erased, not as a fault', async () => {
    const anna = await people.register('anna');
    await people.verify(anna);
    await people.erase(anna);
    await rig.keys.destroy(anna, null);
    await rig.project();
    await rig.caughtUp('user_directory');
    expect(await rig.userRow(anna)).toMatchObject({ status: 'erased', email: null, revision: 2 });
    expect(await parked()).toEqual([]);
  });

  test('parks a person whose key is missing, and everything later of them, while others go on', async () => {
    const anna = await people.register('anna');
    const ben = await people.register('ben');
    await loseKey(anna);
    await rig.project();
    await people.verify(anna);
    await people.signIn(anna);
    await people.verify(ben);
    await rig.caughtUp('user_directory');
    expect(await rig.userRow(anna)).toBeUndefined();
    expect(await rig.userRow(ben)).toMatchObject({ username: 'ben', email_verified: true });
    const waits = 'Waits behind an earlier event of this person';
    expect(await parked()).toEqual([
      { person: anna, type: 'UserRegistered', reason: expect.stringMatching(/^The key of .* is missing/) as unknown },
      { person: anna, type: 'EmailVerified', reason: waits },
      { person: anna, type: 'SignedIn', reason: waits },
    ]);
  });

  test('never lets an erasure wait: it takes the parked events away and leaves a row without personal values', async () => {
    const anna = await people.register('anna');
    await loseKey(anna);
    await rig.project();
    await people.signIn(anna);
    await rig.caughtUp('user_directory');
    expect(await parked()).toHaveLength(2);
    await people.erase(anna);
    await rig.caughtUp('user_directory', 'destroy-keys');
    expect(await parked()).toEqual([]);
    expect(await rig.userRow(anna)).toMatchObject({ status: 'erased', username: null, email: null, sign_ins: 1 });
  });

  test('passes over what concerns nobody, and its position moves on', async () => {
    await rig.project();
    await happen(rig, 'service', {
      type: 'KeyChecksRecorded',
      data: { digestKey: 'x', peppers: {}, masterKeys: {} },
      personal: null,
    });
    await happen(rig, userStream('7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11'), {
      type: 'RegistrationAbandoned',
      data: {},
      personal: null,
    });
    await rig.caughtUp('user_directory', 'relay', 'destroy-keys');
    expect(await rig.one('select count(*)::int as rows from read_model.user_directory')).toEqual({ rows: 0 });
    expect(
      await rig.one('select events_count::int as events from read_model.projections where name = $1', ['relay']),
    ).toEqual({ events: 2 });
  });
});
