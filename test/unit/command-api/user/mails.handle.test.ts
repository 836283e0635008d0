import { describe, expect, test } from '@jest/globals';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { DAY } from '@rollbook/shared/kernel/clock';
import { ANONYMOUS } from '../../../../command-api/src/command/command.ts';
import { noticeAddressInUse } from '../../../../command-api/src/user/notice-address-in-use/notice-address-in-use.handle.ts';
import { registerUser } from '../../../../command-api/src/user/register-user/register-user.handle.ts';
import { resendVerification } from '../../../../command-api/src/user/resend-verification/resend-verification.handle.ts';
import { aCommand, aRegistration, commandRig } from '../../../support/command-rig.ts';

const ADDRESS = 'ada@example.com';
const withAda = async () => {
  const rig = commandRig();
  const self = () => Promise.resolve({ registrar: { kind: 'self' }, actor: ANONYMOUS } as const);
  const made = await registerUser(rig, aCommand(), aRegistration(), self);
  if (isRejection(made)) throw new Error(made.rejection);
  const id = made.person.id ?? '';
  const count = async (stream: string, type: string) =>
    (await rig.log.read(stream)).events.filter((event) => event.type === type).length;
  return {
    rig,
    resend: (key?: string, email = ADDRESS) =>
      resendVerification(rig, aCommand(key), { canonicalEmail: email, portal: null }),
    notice: (key?: string, email = ADDRESS) =>
      noticeAddressInUse(rig, aCommand(key), { emailDigest: rig.digests.email(email), portal: null }),
    mails: () => count(userStream(id), 'EmailVerificationRequested'),
    notices: () => count(signinStream(id), 'AddressInUseNoticed'),
  };
};

describe('Asking again for the verification mail', () => {
  test('asks for one more mail each time, but once with one key', async () => {
    const { resend, mails } = await withAda();
    await resend();
    await resend();
    expect(await mails()).toBe(3);
    await Promise.all([resend('k'), resend('k'), resend('k')]);
    await resend('k');
    expect(await mails()).toBe(4);
  });

  test('with the same key a day later is asking anew', async () => {
    const { rig, resend, mails } = await withAda();
    await resend('k');
    rig.clock.pass(DAY + 1);
    await resend('k');
    await resend('k');
    expect(await mails()).toBe(3);
  });

  test('for an address that nobody has does nothing', async () => {
    const { rig, resend } = await withAda();
    const before = await rig.log.end();
    await resend(undefined, 'nobody@example.com');
    expect(await rig.log.end()).toBe(before);
  });
});

describe('Telling an owner that their address was tried', () => {
  test('happens once a command, and never touches the person’s own stream', async () => {
    const { notice, notices, mails } = await withAda();
    await Promise.all([notice('k'), notice('k')]);
    await notice('k');
    expect(await notices()).toBe(1);
    await notice();
    expect(await notices()).toBe(2);
    expect(await mails()).toBe(1);
  });

  test('with the same key a day later happens again', async () => {
    const { rig, notice, notices } = await withAda();
    await notice('k');
    rig.clock.pass(DAY + 1);
    await notice('k');
    await notice('k');
    expect(await notices()).toBe(2);
  });

  test('of an address that nobody has reaches nobody', async () => {
    const { rig, notice } = await withAda();
    const before = await rig.log.end();
    await notice(undefined, 'nobody@example.com');
    expect(await rig.log.end()).toBe(before);
  });
});
