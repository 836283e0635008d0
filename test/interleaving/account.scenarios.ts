import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { fromInstant, MINUTE } from '@rollbook/shared/kernel/clock';
import type { Caller } from '@rollbook/shared/person/authority';
import { canSignIn, foldPerson } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import { personIdOf } from '../../command-api/src/command/command.ts';
import type { Effect } from '../../command-api/src/command/own-events.ts';
import type { WantedUser } from '../../command-api/src/user/update-user/update-user.decide.ts';
import { digests, keyed, links, outcome, portsAt, registration } from './commands.ts';
import { SYSTEM } from './eve.ts';
import type { Handlers } from './handlers.ts';
import { oneEffectPerCommand, oneOwnerPerName, rosterIsTrue } from './promises.ts';
import { STRANGER } from './registration.scenarios.ts';
import type { EventsByStream, Process, Result, Scenario, Workplace } from './world.ts';

const CLAIM_OVER = 2 * MINUTE + 1;
const SESSION = '99999999-9999-4999-8999-999999999999';

export type Name = 'ann' | 'bob' | 'cyd' | 'eve';
export const idOf = (name: Name): string => personIdOf(keyed(name).idOf(0));

/** Ann and Bob are administrators, Cyd and Eve are users; all are active. */
export const everybody =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    const roles = { ann: 'admin', bob: 'admin', cyd: 'user', eve: 'user' } as const;
    for (const [name, role] of Object.entries(roles))
      await handlers.registerUser(
        portsAt(workplace),
        keyed(name),
        registration(`${name}@x.org`, name, { role }),
        SYSTEM,
      );
  };

/** Ann's or Bob's session, started before the scenario: it ends as sessions do. */
export const signedIn =
  ({ log }: Workplace, name: Name) =>
  async (): Promise<Caller | Rejection> => {
    const person = foldPerson((await log.read(userStream(idOf(name)))).events);
    const ver = name === 'ann' || name === 'bob' ? 1 : 0;
    if (person.existence !== 'registered' || person.status !== 'active') return reject('session_ended');
    if (endsSession(person, SESSION, ver)) return reject('session_ended');
    return { userId: idOf(name), sessionId: SESSION, role: person.role };
  };

export const change = (
  handlers: Handlers,
  by: Name,
  whom: Name,
  wanted: WantedUser,
  name = `${by} changes ${whom}`,
): Process => ({
  name,
  run: (workplace) => {
    const update = { userId: idOf(whom), wanted, currentPassword: 'Correct-Horse-7', portal: null };
    return handlers.updateUser(portsAt(workplace), keyed(name), update, signedIn(workplace, by));
  },
});

/** At every position somebody is an administrator who can sign in, and the roster says who. */
export const oneAdministratorStays = async (workplace: Workplace, events: EventsByStream): Promise<void> => {
  await rosterIsTrue(workplace);
  const people = [...events.keys()].filter((stream) => stream.startsWith('user-'));
  const folded = await Promise.all(people.map(async (stream) => foldPerson((await workplace.log.read(stream)).events)));
  if (!folded.some((person) => person.role === 'admin' && canSignIn(person)))
    throw new Error('No administrator is left');
};

/** Whatever stopped in the middle, the next command on either administrator finds a state that it can finish. */
export const nothingStaysHalfDone =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    for (const whom of ['ann', 'bob', 'cyd'] as const) {
      const by = async () => {
        const people = await Promise.all((['ann', 'bob', 'cyd'] as const).map((name) => signedIn(workplace, name)()));
        return people.find((caller) => !isRejection(caller) && caller.role === 'admin') ?? reject('session_ended');
      };
      const update = { userId: idOf(whom), wanted: { phone: '+1 555 0000' }, currentPassword: null, portal: null };
      const answer = outcome(await handlers.updateUser(portsAt(workplace), keyed(`after ${whom}`), update, by));
      if (!['done', 'session_ended', 'not_found'].includes(answer))
        throw new Error(`A later change of ${whom} gives ${answer}`);
    }
    await rosterIsTrue(workplace);
  };

export const admins = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  processes,
  prepare: everybody(handlers),
  always: oneAdministratorStays,
  finally: nothingStaysHalfDone(handlers),
  stops: 1,
  losses: 1,
  ...more,
});

export const names = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  processes,
  prepare: everybody(handlers),
  always: async (workplace, events) => {
    await oneOwnerPerName(workplace, events);
    await oneEffectPerCommand(['new'].map(keyed))(workplace, events);
  },
  stops: 1,
  losses: 1,
  ...more,
});

export const register = (handlers: Handlers, email: string, username: string): Process => ({
  name: 'new',
  run: (workplace) => handlers.registerUser(portsAt(workplace), keyed('new'), registration(email, username), STRANGER),
});

/** Cyd has asked for new@x.org; this opens the link that was mailed there. */
export const confirm = (handlers: Handlers): Process => ({
  name: 'confirm',
  run: async (workplace) => {
    const { events } = await workplace.log.read(userStream(idOf('cyd')));
    const request = events.find(({ type }) => type === 'EmailChangeRequested');
    const token = links.sign({
      purpose: 'confirm-email-change',
      userId: idOf('cyd'),
      requestId: request?.id ?? '',
      emailDigest: digests.email('new@x.org'),
      requestedAt: request ? fromInstant(request.recordedAt) : 0,
    });
    return handlers.confirmEmailChange(portsAt(workplace), keyed('confirm'), token);
  },
});

export const cydAsked =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await everybody(handlers)(workplace);
    await change(handlers, 'cyd', 'cyd', { email: 'new@x.org' }, 'ask').run(workplace);
  };

/** Who was told that the change is done has the name. */
const told =
  (wanted: Readonly<Record<string, readonly [Name, 'username' | 'email', string]>>, processes: readonly Process[]) =>
  async (workplace: Workplace, results: readonly Result[]): Promise<void> => {
    for (const [index, result] of results.entries()) {
      const expected = wanted[processes[index]?.name ?? ''];
      if (!expected || result === 'stopped' || !('answer' in result) || outcome(result.answer) !== 'done') continue;
      const [, field, value] = expected;
      if ((result.answer as Effect).person[field] !== value)
        throw new Error('"Done" was told of a name that is another');
    }
    await Promise.resolve(workplace);
  };

export const accountScenarios = (handlers: Handlers): readonly Scenario[] => {
  const usernames = [
    change(handlers, 'cyd', 'cyd', { username: 'zoe' }),
    change(handlers, 'eve', 'eve', { username: 'zoe' }),
  ];
  return [
    admins(handlers, 'two administrators demote each other', [
      change(handlers, 'ann', 'bob', { role: 'user' }),
      change(handlers, 'bob', 'ann', { role: 'user' }),
    ]),
    admins(handlers, 'an administrator is demoted and deactivated at once', [
      change(handlers, 'ann', 'bob', { role: 'moderator' }),
      change(handlers, 'bob', 'bob', { isActive: false }),
    ]),
    admins(handlers, 'a demotion with more to change is executed twice', [
      change(handlers, 'ann', 'bob', { role: 'user', phone: '+1 555 1111' }),
      change(handlers, 'ann', 'bob', { role: 'user', phone: '+1 555 1111' }),
    ]),
    admins(handlers, 'somebody is promoted while the promoter is demoted', [
      change(handlers, 'ann', 'cyd', { role: 'admin' }),
      change(handlers, 'bob', 'ann', { role: 'user' }),
    ]),
    names(handlers, 'two people want one username', usernames, {
      jumps: [CLAIM_OVER],
      finally: told(
        { 'cyd changes cyd': ['cyd', 'username', 'zoe'], 'eve changes eve': ['eve', 'username', 'zoe'] },
        usernames,
      ),
    }),
    names(handlers, 'a username is left while somebody registers it', [
      change(handlers, 'cyd', 'cyd', { username: 'zoe' }),
      register(handlers, 'new@x.org', 'cyd'),
    ]),
    names(
      handlers,
      'an address is confirmed while somebody registers it',
      [confirm(handlers), register(handlers, 'new@x.org', 'new')],
      {
        prepare: cydAsked(handlers),
        jumps: [CLAIM_OVER],
      },
    ),
    names(
      handlers,
      'an administrator sets an address that somebody confirms',
      [confirm(handlers), change(handlers, 'ann', 'eve', { email: 'new@x.org' })],
      {
        prepare: cydAsked(handlers),
      },
    ),
  ];
};
