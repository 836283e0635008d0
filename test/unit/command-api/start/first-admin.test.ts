import { describe, expect, test } from '@jest/globals';
import { ADMIN_ROSTER, userStream } from '@rollbook/shared/contracts/streams';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { canSignIn, foldPerson } from '@rollbook/shared/person/person.state';
import { foldRoster } from '../../../../command-api/src/admin-roster/roster.state.ts';
import { ANONYMOUS } from '../../../../command-api/src/command/command.ts';
import { ensureFirstAdmin, rosterIsEmpty } from '../../../../command-api/src/first-admin/first-admin.handle.ts';
import { registerUser } from '../../../../command-api/src/user/register-user/register-user.handle.ts';
import { aCommand, aRegistration, commandRig } from '../../../support/command-rig.ts';

type Rig = ReturnType<typeof commandRig>;
const admin = { email: 'Boss@example.com', password: 'First-Admin-7-rules' };
const ensure = (rig: Rig, named: () => typeof admin | null = () => admin) =>
  ensureFirstAdmin(rig, rig.digestKey, named);
const listed = async (rig: Rig) => [...foldRoster((await rig.log.read(ADMIN_ROSTER)).events).listed.values()];
const personOf = async (rig: Rig, id: string) => foldPerson((await rig.log.read(userStream(id))).events);
const people = async (rig: Rig) =>
  (await rig.log.readAll({ after: null })).events.filter(({ type }) => type === 'UserRegistered');

describe('The first administrator', () => {
  test('is made, listed and able to sign in', async () => {
    const rig = commandRig();
    expect(await rosterIsEmpty(rig)).toBe(true);
    expect(await ensure(rig)).toBe('made');
    const [id = ''] = await listed(rig);
    const person = await personOf(rig, id);
    expect(person).toMatchObject({ role: 'admin', status: 'active', email: 'Boss@example.com', username: 'boss' });
    expect(canSignIn(person)).toBe(true);
    expect(await rig.hashes.matches(admin.password, person.passwordHash ?? '')).toBe(true);
  });

  test('gets no mail', async () => {
    const rig = commandRig();
    await ensure(rig);
    const { events } = await rig.log.readAll({ after: null });
    expect(events.filter(({ type }) => type.endsWith('Requested'))).toStrictEqual([]);
  });

  test('is one person when many copies start at once', async () => {
    const rig = commandRig();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => ensure(rig)));
    expect(outcomes.every((outcome) => outcome === 'made' || outcome === 'there')).toBe(true);
    expect(await people(rig)).toHaveLength(1);
    expect(await listed(rig)).toHaveLength(1);
  });

  test('is never asked for again, nor is the password ever reset', async () => {
    const rig = commandRig();
    await ensure(rig);
    const again = await ensure(rig, () => {
      throw new Error('The settings were read');
    });
    expect(again).toBe('there');
    expect(await ensure(rig, () => ({ ...admin, password: 'Another-Password-7' }))).toBe('there');
    const [id = ''] = await listed(rig);
    expect(await rig.hashes.matches(admin.password, (await personOf(rig, id)).passwordHash ?? '')).toBe(true);
  });

  test('is wanted where nobody is named', async () => {
    const rig = commandRig();
    expect(await ensure(rig, () => null)).toBe('wanted');
    expect(await people(rig)).toHaveLength(0);
  });

  test('is never an existing account', async () => {
    const rig = commandRig();
    const self = () => Promise.resolve({ registrar: { kind: 'self' }, actor: ANONYMOUS } as const);
    const wanted = aRegistration({ email: admin.email, canonicalEmail: 'boss@example.com' });
    const made = await registerUser(rig, aCommand(), wanted, self);
    expect(isRejection(made)).toBe(false);
    expect(await ensure(rig)).toStrictEqual({ refused: 'email_taken' });
    expect(await people(rig)).toHaveLength(1);
    expect(await listed(rig)).toHaveLength(0);
  });

  test('who was made but not listed, because the process stopped there, is listed at the next start', async () => {
    const rig = commandRig();
    const append = rig.log.append.bind(rig.log);
    const stopping = {
      ...rig,
      log: {
        ...rig.log,
        append: (...[stream, ...rest]: Parameters<typeof append>) =>
          stream === ADMIN_ROSTER ? Promise.reject(new Error('stopped')) : append(stream, ...rest),
      },
    };
    await expect(ensureFirstAdmin(stopping, rig.digestKey, () => admin)).rejects.toThrow('stopped');
    expect(await people(rig)).toHaveLength(1);
    expect(await listed(rig)).toHaveLength(0);
    expect(await ensure(rig)).toBe('made');
    expect(await people(rig)).toHaveLength(1);
    expect(await listed(rig)).toHaveLength(1);
  });
});
