import { describe, expect, test } from '@jest/globals';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { ANONYMOUS } from '../../../../command-api/src/command/command.ts';
import { registerPrivately } from '../../../../command-api/src/user/register-user/register-privately.handle.ts';
import type { Registration } from '../../../../command-api/src/user/register-user/registration.ts';
import { aCommand, aRegistration, cheapHash, commandRig } from '../../../support/command-rig.ts';

type Rig = ReturnType<typeof commandRig>;
const self = () => Promise.resolve({ registrar: { kind: 'self' }, actor: ANONYMOUS } as const);
const ask = (rig: Rig, change: Partial<Registration> = {}, command = aCommand()) =>
  registerPrivately(rig, command, aRegistration(change), self);
const ran = async (rig: Rig, change: Partial<Registration> = {}, command = aCommand()): Promise<void> => {
  const answer = await ask(rig, change, command);
  if (isRejection(answer)) throw new Error(answer.rejection);
  await answer.after();
};
const typesIn = async (rig: Rig) => (await rig.log.readAll({ after: null })).events.map(({ type }) => type);
const bob = { email: 'bob@example.com', canonicalEmail: 'bob@example.com', username: 'bob' };

describe('Registering where nothing is told', () => {
  test('does nothing but hold a place before the answer', async () => {
    const rig = commandRig();
    const answer = await ask(rig);
    expect(isRejection(answer)).toBe(false);
    expect(await typesIn(rig)).toStrictEqual([]);
    expect(rig.queue.taken).toBe(1);
  });

  test('costs one hash and one mail, whether or not the address is known', async () => {
    let hashes = 0;
    const counting = {
      ...cheapHash,
      hash: (input: string, cost: number) => {
        hashes += 1;
        return cheapHash.hash(input, cost);
      },
    };
    const rig = commandRig({ slowHash: counting });
    hashes = 0;
    await ran(rig);
    expect([hashes, (await typesIn(rig)).at(-1)]).toStrictEqual([1, 'EmailVerificationRequested']);
    await ran(rig, { username: 'other' });
    expect([hashes, (await typesIn(rig)).at(-1)]).toStrictEqual([2, 'AddressInUseNoticed']);
    expect((await typesIn(rig)).filter((type) => type === 'UserRegistered')).toHaveLength(1);
    expect(rig.queue.taken).toBe(0);
  });

  test('tells a taken username and a full queue, for neither depends on the address', async () => {
    const rig = commandRig({ places: 1 });
    await ran(rig);
    expect(await ask(rig, { ...bob, username: 'ada_l' })).toStrictEqual({ rejection: 'username_taken' });
    expect(await ask(rig)).toStrictEqual({ rejection: 'username_taken' });
    const place = rig.queue.reserve();
    expect(await ask(rig, bob)).toStrictEqual({ rejection: 'hashing_queue_full' });
    expect(await ask(rig, { username: 'other' })).toStrictEqual({ rejection: 'hashing_queue_full' });
    place?.release();
  });

  test('accepts no If-Match and wants a password', async () => {
    const rig = commandRig();
    expect(await ask(rig, {}, { ...aCommand(), ifMatch: '*' })).toStrictEqual({ rejection: 'precondition_failed' });
    expect(await ask(rig, { secret: null })).toStrictEqual({ rejection: 'invalid_input' });
    expect(rig.queue.taken).toBe(0);
  });

  test('gives a username that was lost after the answer a derived form', async () => {
    const rig = commandRig();
    const [one, two] = await Promise.all([ask(rig), ask(rig, { ...bob, username: 'ada_l' })]);
    if (isRejection(one) || isRejection(two)) throw new Error('Refused');
    await one.after();
    await two.after();
    const names = (await rig.log.readAll({ after: null })).events.flatMap((event) =>
      event.type === 'UserRegistered' ? [event.personal?.username] : [],
    );
    expect(names).toStrictEqual(['ada_l', 'bob']);
  });

  test('repeated with its key registers and mails once', async () => {
    const rig = commandRig();
    await ran(rig, {}, aCommand('k'));
    const before = await typesIn(rig);
    await ran(rig, {}, aCommand('k'));
    expect(await typesIn(rig)).toStrictEqual(before);
  });

  test('that fails while hashing gives its place back', async () => {
    let broken = false;
    const slowHash = {
      ...cheapHash,
      hash: (input: string, cost: number) =>
        broken ? Promise.reject(new Error('broken')) : cheapHash.hash(input, cost),
    };
    const rig = commandRig({ slowHash });
    broken = true;
    await expect(ran(rig)).rejects.toThrow('broken');
    expect(rig.queue.taken).toBe(0);
    expect(await typesIn(rig)).toStrictEqual([]);
  });
});
