import { userStream } from '@rollbook/shared/contracts/streams';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { personIdOf, type Command } from '../../command-api/src/command/command.ts';
import { everybody, idOf } from './account.scenarios.ts';
import { keyed, outcome, portsAt, registration, signed } from './commands.ts';
import { answered, linkOf, OLD } from './eve.ts';
import type { Handlers } from './handlers.ts';
import { rosterIsTrue } from './promises.ts';
import { BEGINNING, type Process, type Result, type Scenario, type Workplace } from './world.ts';

const ivy = personIdOf(keyed('ivy').idOf(0));
const annSession = derivedUuid('session', keyed('ann signs in').idOf(0));

const BY_ANN = () =>
  Promise.resolve({
    registrar: { kind: 'staff', role: 'admin' },
    actor: { kind: 'person', id: idOf('ann') },
  } as const);

/** Ivy is an administrator who was invited and has no password yet; Ann is signed in. */
const ivyIsInvited =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    const ports = portsAt(workplace);
    await everybody(handlers)(workplace);
    const name = { kind: 'username', username: 'ann' } as const;
    await handlers.login(ports, keyed('ann signs in'), { name, password: OLD });
    const wanted = registration('ivy@x.org', 'ivy', { role: 'admin', secret: null });
    await handlers.registerUser(ports, keyed('ivy'), wanted, BY_ANN);
  };

const byAnn = (name: string): Command => {
  const issuedAt = BEGINNING / SECOND;
  const subject = {
    userId: idOf('ann'),
    sessionId: annSession,
    tokenId: annSession,
    issuedAt,
    expiresAt: issuedAt + 86_400,
  };
  return { ...keyed(name), bearer: signed('access', subject, { role: 'admin', ver: 1 }) };
};

const accept = (handlers: Handlers, name = 'accept'): Process => ({
  name,
  run: (workplace) =>
    handlers.setPasswordByLink(portsAt(workplace), keyed(name), {
      purpose: 'accept-invitation',
      // The third event of the registration, after the grant.
      token: linkOf('accept-invitation', { userId: ivy, email: 'ivy@x.org', by: 'ivy', index: 2 }),
      password: OLD,
      decide: handlers.decideAcceptInvitation,
    }),
});

const inviteAgain = (handlers: Handlers): Process => ({
  name: 'invite again',
  run: (workplace) =>
    handlers.resendInvitation(portsAt(workplace), byAnn('invite again'), { userId: ivy, portal: null }),
});

const deactivate = (handlers: Handlers): Process => ({
  name: 'deactivate',
  run: async (workplace) => {
    const update = { userId: ivy, wanted: { isActive: false }, currentPassword: null, portal: null };
    const ann = foldPerson((await workplace.log.read(userStream(idOf('ann')))).events);
    const caller = { userId: idOf('ann'), sessionId: annSession, role: ann.role, person: ann };
    return handlers.updateUser(portsAt(workplace), keyed('deactivate'), update, () => Promise.resolve(caller));
  },
});

/** At every position: accepted at most once, by the newest invitation, and never while the account is closed. */
const invitationsAreTrue = async (workplace: Workplace): Promise<void> => {
  const { events } = await workplace.log.read(userStream(ivy));
  let open: string | null = null;
  let closed = false;
  let accepted = false;
  for (const event of events) {
    if (event.type === 'InvitationRequested') {
      if (accepted) throw new Error('Somebody who had accepted was invited again');
      open = event.id;
    }
    if (event.type === 'UserDeactivated') closed = true;
    if (event.type !== 'InvitationAccepted') continue;
    if (closed) throw new Error('An invitation to a closed account was accepted');
    if (event.data.requestId !== open) throw new Error('An invitation was accepted by a link that was not the newest');
    [open, accepted] = [null, true];
  }
  await rosterIsTrue(workplace);
};

const invitations = (handlers: Handlers, name: string, processes: readonly Process[], more = {}): Scenario => ({
  name,
  processes,
  prepare: ivyIsInvited(handlers),
  always: invitationsAreTrue,
  finally: async (workplace: Workplace, results: readonly Result[]) => {
    const { events } = await workplace.log.read(userStream(ivy));
    for (const [index, process] of processes.entries()) {
      const done = answered(results[index]) !== null;
      if (done && !events.some(({ metadata }) => metadata.commandId === keyed(process.name).idOf(0)))
        throw new Error(`"Done" was told to "${process.name}", and nothing stands in the log`);
    }
    const person = foldPerson(events);
    const opens = person.status === 'active' && person.passwordHash !== null;
    const credentials = { name: { kind: 'username', username: 'ivy' }, password: OLD } as const;
    const answer = outcome(await handlers.login(portsAt(workplace), keyed('ivy signs in'), credentials));
    if ((answer === 'done') !== opens) throw new Error(`Ivy is ${person.status}, and a sign-in gives ${answer}`);
    await rosterIsTrue(workplace);
  },
  stops: 1,
  losses: 1,
  ...more,
});

export const invitationScenarios = (handlers: Handlers): readonly Scenario[] => [
  invitations(handlers, 'an invitation is accepted while it is sent again', [accept(handlers), inviteAgain(handlers)]),
  invitations(handlers, 'an administrator accepts the invitation while they are deactivated', [
    accept(handlers),
    deactivate(handlers),
  ]),
  invitations(
    handlers,
    'an invitation is accepted, sent again and closed',
    [accept(handlers), inviteAgain(handlers), deactivate(handlers)],
    { stops: 0, losses: 1 },
  ),
];
