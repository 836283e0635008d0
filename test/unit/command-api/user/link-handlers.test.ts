import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { DAY, MINUTE } from '@rollbook/shared/kernel/clock';
import { LinkTokens, type LinkPurpose } from '@rollbook/shared/tokens/link-tokens';
import { ANONYMOUS, type Command } from '../../../../command-api/src/command/command.ts';
import { setPasswordByLink } from '../../../../command-api/src/password/set-by-link.handle.ts';
import { confirmEmailChange } from '../../../../command-api/src/user/confirm-email-change/confirm-email-change.handle.ts';
import { confirmErasure } from '../../../../command-api/src/user/confirm-erasure/confirm-erasure.handle.ts';
import { registerUser } from '../../../../command-api/src/user/register-user/register-user.handle.ts';
import { rejectRegistration } from '../../../../command-api/src/user/reject-registration/reject-registration.handle.ts';
import { decideResetPassword } from '../../../../command-api/src/user/reset-password/reset-password.decide.ts';
import { verifyEmail } from '../../../../command-api/src/user/verify-email/verify-email.handle.ts';
import { aCommand, aRegistration, commandRig, systemContext } from '../../../support/command-rig.ts';
import { idAt, PERSON_ID } from '../../../support/given.ts';
import {
  EMAIL_CLAIM,
  passwordReset,
  registeredByStaff,
  resetRequested,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const links = new LinkTokens([{ id: 'l1', secret: Buffer.alloc(32, 3) }], 7 * DAY);
const receiptKey = { id: 'r1', key: generateKeyPairSync('ed25519').privateKey };
const stream = userStream(PERSON_ID);
const mail = { email: 'Ada@example.com', username: 'ada_l' };

const rigged = ({ places = 8 } = {}) => {
  const rig = commandRig({ places });
  const ports = { ...rig, links, keyIds: rig.keys, receiptKey };
  const append = async (command: Command | null, ...events: readonly AnyNewEvent[]): Promise<void> => {
    const context = { ...systemContext(), ...(command && { commandId: command.idOf(0) }) };
    await rig.log.append(stream, (await rig.log.read(stream)).end, events, context);
  };
  const linkOf = async (purpose: LinkPurpose, emailDigest = 'email-digest'): Promise<string> => {
    const request = (await rig.log.read(stream)).events.findLast(({ type }) => type.endsWith('Requested'));
    const requestedAt = rig.clock.now();
    return links.sign({ purpose, userId: PERSON_ID, requestId: request?.id ?? idAt(1), emailDigest, requestedAt });
  };
  return { rig, ports, append, linkOf };
};
type Rigged = ReturnType<typeof rigged>;
type Ports = Rigged['ports'];

const setPassword = (ports: Ports, command: Command, token: string) =>
  setPasswordByLink(ports, command, {
    purpose: 'reset-password',
    token,
    password: 'Battery-Staple-9',
    decide: decideResetPassword,
  });

const changed: AnyNewEvent = {
  type: 'EmailChanged',
  data: { claimId: EMAIL_CLAIM, emailDigest: 'new', requestId: idAt(1), portal: null, keptSessionId: null },
  personal: { ...mail, formerEmail: mail.email },
};
const confirmed: AnyNewEvent = { type: 'ErasureConfirmed', data: { requestId: idAt(1) }, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null };

describe('What no service of this kind has signed', () => {
  test.each([
    ['verification', verifyEmail],
    ['rejection', rejectRegistration],
    ['change of address', confirmEmailChange],
    ['confirmation of an erasure', confirmErasure],
    ['new password', setPassword],
  ] as const)('is no link of a %s', async (_what, open) => {
    const { ports } = rigged();
    expect(await open(ports, aCommand(), 'not.a.link')).toStrictEqual({ rejection: 'link_invalid' });
  });
});

describe('A repeat, after the person was erased, of', () => {
  test.each([
    ['a verification', verifyEmail, 'verify-email', verified(idAt(1))],
    ['a change of address', confirmEmailChange, 'confirm-email-change', changed],
    ['the confirmation of an erasure', confirmErasure, 'confirm-erasure', confirmed],
    ['a new password', setPassword, 'reset-password', passwordReset(idAt(1))],
  ] as const)('%s finds nobody', async (_what, open, purpose, done) => {
    const { ports, append, linkOf } = rigged();
    const command = aCommand('again');
    await append(null, registeredByStaff, verificationRequested());
    const token = await linkOf(purpose);
    await append(command, done);
    await append(null, erased);
    expect(await open(ports, command, token)).toStrictEqual({ rejection: 'not_found' });
  });
});

describe('A new password', () => {
  test('is not hashed where too many wait, and its link stays good', async () => {
    const { ports, append, linkOf } = rigged({ places: 1 });
    await append(null, registeredByStaff, resetRequested);
    const token = await linkOf('reset-password');
    const place = ports.queue.reserve();
    expect(await setPassword(ports, aCommand(), token)).toStrictEqual({ rejection: 'hashing_queue_full' });
    place?.release();
    expect(await setPassword(ports, aCommand(), token)).toHaveProperty('person.passwordHash');
  });
});

describe('The address that a link confirms', () => {
  const asked = async (world: Rigged): Promise<string> => {
    const emailDigest = world.rig.digests.email('new@example.com');
    const data = { emailDigest, portal: null };
    const personal = { email: 'new@example.com', formerEmail: mail.email, username: mail.username };
    await world.append(null, registeredByStaff, { type: 'EmailChangeRequested', data, personal });
    return world.linkOf('confirm-email-change', emailDigest);
  };
  const rival = { email: 'new@example.com', canonicalEmail: 'new@example.com', username: 'rival' };

  test('may belong to somebody by then', async () => {
    const world = rigged();
    const token = await asked(world);
    const by = { registrar: { kind: 'staff', role: 'admin' }, actor: ANONYMOUS } as const;
    await registerUser(world.rig, aCommand(), aRegistration(rival), () => Promise.resolve(by));
    expect(await confirmEmailChange(world.ports, aCommand(), token)).toStrictEqual({ rejection: 'email_taken' });
  });

  test('may be claimed by a registration that is under way, for two minutes', async () => {
    const world = rigged();
    const token = await asked(world);
    const expiresAt = new Date(world.rig.clock.now() + 2 * MINUTE).toISOString();
    const claim = { type: 'EmailClaimed', data: { userId: idAt(7), expiresAt }, personal: null } as const;
    const claims = `emailclaim-${world.rig.digests.email('new@example.com')}`;
    await world.rig.log.append(claims, (await world.rig.log.read(claims)).end, [claim], systemContext());
    expect(await confirmEmailChange(world.ports, aCommand(), token)).toStrictEqual({ rejection: 'email_in_progress' });
    world.rig.clock.pass(2 * MINUTE);
    expect(await confirmEmailChange(world.ports, aCommand(), token)).toHaveProperty('person.email', 'new@example.com');
  });
});
