import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { DAY } from '@rollbook/shared/kernel/clock';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { call, linkToken } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, query, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ PENDING_TTL: '4' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

/** Two more copies of command-api that start at the same moment: each sweeps at its start. */
const startTwoMore = async (expired: number, clock = systemClock): Promise<void> => {
  const copies = await Promise.all([1, 2].map(() => startCommandApi({ ...rollbook.env }, { clock })));
  await until('they have swept', async () => (await eventsIn(rollbook, 'RegistrationExpired')).length >= expired);
  await Promise.all(copies.map((copy) => copy.stop()));
};

describe('A registration that nobody verified', () => {
  test('is expired and erased by the sweeper when its time is over; who verified in time stays', async () => {
    const late = await journey.register('late', { phone: '+1-555-0123' }, { headers: { 'Idempotency-Key': 'late-1' } });
    const { id } = late.body;
    await journey.register('punctual');
    await journey.verify('punctual');
    const link = linkToken(await journey.mailTo('late@example.com'), 'verify-email');
    expect(await typesIn(rollbook, `user-${id}`)).toStrictEqual(['UserRegistered', 'EmailVerificationRequested']);
    expect(await query(rollbook, 'select 1 as one from command.stored_answers where subject = $1', [id])).toHaveLength(
      1,
    );

    const registeredAt = (await eventsIn(rollbook, 'UserRegistered')).at(-1)?.recordedAt ?? '';
    await until('the time is over', () => Date.parse(registeredAt) + 4_000 < Date.now());
    await startTwoMore(1);

    const expired = ['UserRegistered', 'EmailVerificationRequested', 'RegistrationExpired', 'PersonErased'];
    expect(await typesIn(rollbook, `user-${id}`)).toStrictEqual(expired);
    expect((await eventsIn(rollbook, 'RegistrationExpired')).map(({ data }) => data)).toStrictEqual([
      { reason: 'expired' },
    ]);
    const opened = await journey.post('/auth/verify-email', { token: link });
    expect(refusal(opened)).toStrictEqual([400, 'VALIDATION_ERROR', 'token', 'token_used']);
    expect((await journey.signIn('late')).status).toBe(401);
    expect((await journey.signIn('punctual')).status).toBe(200);

    await until('the key is destroyed', async () => {
      const [key] = await query(rollbook, 'select wrapped from keys.person_keys where subject = $1', [id]);
      return key?.['wrapped'] === null;
    });
    await until('nothing stands in the working tables and the directory', async () => {
      const rows = await query(
        rollbook,
        `select 1 from command.stored_answers where subject = $1
         union all select 1 from read_model.user_directory where id = $1 and (username = 'late' or phone is not null)`,
        [id],
      );
      return rows.length === 0;
    });
    const admin = await journey.admin();
    expect((await call(rollbook.url, 'GET', `/erasures/${id}`, { token: admin })).status).toBe(404);
    expect((await journey.register('late')).status).toBe(201);
  });

  test('is looked at once: the sweeper remembers how far it came', async () => {
    const [progress] = await query<{ position: string }>(rollbook, 'select position from command.expiry_progress');
    const people = await eventsIn(rollbook, 'UserRegistered');
    const looked = people.filter(({ position }) => position <= (progress?.position ?? ''));
    expect(looked.length).toBeGreaterThanOrEqual(3);

    // A copy whose clock is a day ahead meets only who came after them.
    await startTwoMore(2, { ...systemClock, now: () => systemClock.now() + DAY });
    expect(await eventsIn(rollbook, 'RegistrationExpired')).toHaveLength(2);
    expect((await journey.signIn('punctual')).status).toBe(200);
  });
});
