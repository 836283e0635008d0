import { describe, expect, test } from '@jest/globals';
import { emailClaimStream, userStream, usernameClaimStream } from '@rollbook/shared/contracts/streams';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { DAY, MINUTE } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { findOwner } from '../../../../command-api/src/claim/find-owner.ts';
import { ANONYMOUS, personIdOf, type Command } from '../../../../command-api/src/command/command.ts';
import type { Effect } from '../../../../command-api/src/command/own-events.ts';
import { registerUser } from '../../../../command-api/src/user/register-user/register-user.handle.ts';
import type { Registration } from '../../../../command-api/src/user/register-user/registration.ts';
import { aCommand, aRegistration, commandRig, systemContext } from '../../../support/command-rig.ts';

type Rig = ReturnType<typeof commandRig>;
const self = () => Promise.resolve({ registrar: { kind: 'self' }, actor: ANONYMOUS } as const);
const register = (rig: Rig, change: Partial<Registration> = {}, command = aCommand()) =>
  registerUser(rig, command, aRegistration(change), self);
const idOf = (result: Effect | Rejection): string => {
  if (isRejection(result)) throw new Error(`Refused: ${result.rejection}`);
  return result.person.id ?? '';
};
const refusalOf = (result: Effect | Rejection) => (isRejection(result) ? result.rejection : 'registered');
const other = { email: 'bob@example.com', canonicalEmail: 'bob@example.com' };
const emailOwner = async (rig: Rig, canonical: string) =>
  (await findOwner(rig.log, 'email', rig.digests.email(canonical)))?.person.id ?? null;
/** What a process leaves that claimed the address and died: a claim, and nobody who uses it. */
const claimAndDie = async (rig: Rig, command: Command) => {
  const userId = personIdOf(command.idOf(0));
  const expiresAt = new Date(rig.clock.now() + 2 * MINUTE).toISOString();
  const stream = emailClaimStream(rig.digests.email('ada@example.com'));
  const event = { type: 'EmailClaimed', data: { userId, expiresAt }, personal: null } as const;
  await rig.log.append(stream, EMPTY_STREAM, [event], { ...systemContext(), commandId: command.idOf(0) });
  return userId;
};

describe('A registration', () => {
  test('holds both names, and gives its place back', async () => {
    const rig = commandRig();
    const id = idOf(await register(rig));
    expect(await emailOwner(rig, 'ada@example.com')).toBe(id);
    expect((await findOwner(rig.log, 'username', rig.digests.username('ada_l')))?.person.id).toBe(id);
    expect(rig.queue.taken).toBe(0);
  });

  test('is refused for a taken address, a taken username, and the address first', async () => {
    const rig = commandRig();
    await register(rig);
    expect(refusalOf(await register(rig, { username: 'somebody' }))).toBe('email_taken');
    expect(refusalOf(await register(rig, other))).toBe('username_taken');
    expect(refusalOf(await register(rig))).toBe('email_taken');
    expect(rig.queue.taken).toBe(0);
  });

  test('that lost its username goes through at once with a free one', async () => {
    const rig = commandRig();
    await register(rig);
    expect(refusalOf(await register(rig, other))).toBe('username_taken');
    expect(refusalOf(await register(rig, { ...other, username: 'bob' }))).toBe('registered');
  });

  test('finds a derived username when the obvious one is taken', async () => {
    const rig = commandRig();
    const derived = { ...other, username: null };
    await register(rig, { ...derived, email: 'bob@example.org', canonicalEmail: 'bob@example.org' });
    const second = await register(rig, derived);
    expect(isRejection(second) ? null : second.person.username).toMatch(/^bob-[0-9a-f]{4}$/);
  });

  test('is refused where the hashing queue is full, and claims nothing', async () => {
    const rig = commandRig({ places: 1 });
    const place = rig.queue.reserve();
    expect(refusalOf(await register(rig))).toBe('hashing_queue_full');
    expect((await rig.log.readAll({ after: null })).events).toHaveLength(0);
    place?.release();
    expect(refusalOf(await register(rig))).toBe('registered');
  });

  test('that fails while hashing frees its names at once', async () => {
    let broken = true;
    const slowHash = {
      hash: (input: string) => (broken ? Promise.reject(new Error('broken')) : Promise.resolve(input)),
      compare: () => Promise.resolve(false),
    };
    broken = false;
    const rig = commandRig({ slowHash });
    broken = true;
    await expect(register(rig)).rejects.toThrow('broken');
    expect(rig.queue.taken).toBe(0);
    broken = false;
    expect(refusalOf(await register(rig))).toBe('registered');
  });

  test('repeated with its key is one person and one answer', async () => {
    const rig = commandRig();
    const [one, two] = await Promise.all([register(rig, {}, aCommand('k')), register(rig, {}, aCommand('k'))]);
    const three = await register(rig, {}, aCommand('k'));
    expect(new Set([idOf(one), idOf(two), idOf(three)]).size).toBe(1);
    expect(three).toStrictEqual(one);
  });

  test('repeated with its key after a day is a new command, so its address is taken', async () => {
    const rig = commandRig();
    await register(rig, {}, aCommand('k'));
    rig.clock.pass(DAY + 1);
    expect(refusalOf(await register(rig, {}, aCommand('k')))).toBe('email_taken');
  });

  test('accepts no If-Match: there is nothing yet that it could name', async () => {
    const rig = commandRig();
    expect(refusalOf(await register(rig, {}, { ...aCommand(), ifMatch: '*' }))).toBe('precondition_failed');
  });
});

test('A username that a dead process claimed is in progress for two minutes', async () => {
  const rig = commandRig();
  const expiresAt = new Date(rig.clock.now() + 2 * MINUTE).toISOString();
  const data = { userId: personIdOf(aCommand('dead').idOf(0)), expiresAt };
  const stream = usernameClaimStream(rig.digests.username('ada_l'));
  await rig.log.append(stream, EMPTY_STREAM, [{ type: 'UsernameClaimed', data, personal: null }], systemContext());
  expect(refusalOf(await register(rig))).toBe('username_in_progress');
  rig.clock.pass(2 * MINUTE);
  expect(refusalOf(await register(rig))).toBe('registered');
});

describe('An address that a dead process claimed', () => {
  test('is in progress for two minutes, then fenced and taken over', async () => {
    const rig = commandRig();
    const left = await claimAndDie(rig, aCommand('dead'));
    rig.clock.pass(2 * MINUTE - 1_000);
    expect(refusalOf(await register(rig))).toBe('email_in_progress');
    rig.clock.pass(1_000);
    const id = idOf(await register(rig));
    expect(await emailOwner(rig, 'ada@example.com')).toBe(id);
    expect(foldPerson((await rig.log.read(userStream(left))).events).existence).toBe('abandoned');
  });

  test('is its own for the repeat with the same key', async () => {
    const rig = commandRig();
    const left = await claimAndDie(rig, aCommand('dead'));
    expect(idOf(await register(rig, {}, aCommand('dead')))).toBe(left);
  });

  test('goes to the next attempt of the same key when it was fenced meanwhile', async () => {
    const rig = commandRig();
    const left = await claimAndDie(rig, aCommand('dead'));
    rig.clock.pass(2 * MINUTE);
    await register(rig, { ...other, canonicalEmail: 'ada@example.com', username: 'bob' });
    expect(refusalOf(await register(rig, {}, aCommand('dead')))).toBe('email_taken');
    expect(await emailOwner(rig, 'ada@example.com')).not.toBe(left);
  });
});

describe('A registration that nobody verified', () => {
  test('keeps its names for seven days, then whoever needs them ends it for good', async () => {
    const rig = commandRig();
    const first = idOf(await register(rig));
    rig.clock.pass(7 * DAY - 1_000);
    expect(refusalOf(await register(rig))).toBe('email_taken');
    rig.clock.pass(1_000);
    const second = idOf(await register(rig));
    expect(second).not.toBe(first);
    expect(await emailOwner(rig, 'ada@example.com')).toBe(second);
    const ended = (await rig.log.read(userStream(first))).events.map(({ type, data }) => ({ type, data }));
    expect(ended.slice(-2)).toStrictEqual([
      { type: 'RegistrationExpired', data: { reason: 'expired' } },
      { type: 'PersonErased', data: { reason: 'registration-expired' } },
    ]);
  });

  test('and was ended answers 404 to a repeat of its command, not with a second person', async () => {
    const rig = commandRig();
    const month = { ...aCommand('k'), lifetime: 30 * DAY };
    await register(rig, {}, month);
    rig.clock.pass(7 * DAY);
    await register(rig);
    expect(refusalOf(await register(rig, {}, month))).toBe('not_found');
  });
});
