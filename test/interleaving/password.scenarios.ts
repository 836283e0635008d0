import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { SignedInNow } from '../../command-api/src/session/login/login.handle.ts';
import { keyed, outcome, portsAt } from './commands.ts';
import {
  answered,
  byEve,
  credentials,
  eve,
  eveIsIn,
  eveSession,
  linkOf,
  newestToken,
  OLD,
  otherSession,
} from './eve.ts';
import type { Handlers } from './handlers.ts';
import { refresh } from './session.scenarios.ts';
import type { Process, Result, Scenario, Workplace } from './world.ts';

const login = (handlers: Handlers): Process => ({
  name: 'login',
  run: (workplace) => handlers.login(portsAt(workplace), keyed('login'), credentials(OLD)),
});

const leaveEverywhere = (handlers: Handlers): Process => ({
  name: 'leave everywhere',
  run: (workplace) => handlers.logoutEverywhere(portsAt(workplace), byEve('leave everywhere'), eve),
});

/** Sets the password that is named like the command. */
const passwordOf = (name: string): string => `New-${name.replaceAll(' ', '-')}-7`;

const change = (handlers: Handlers): Process => ({
  name: 'change',
  run: (workplace) =>
    handlers.changePassword(portsAt(workplace), byEve('change'), {
      currentPassword: OLD,
      newPassword: passwordOf('change'),
    }),
});

const reset = (handlers: Handlers, name = 'reset', by = 'forgot'): Process => ({
  name,
  run: (workplace) =>
    handlers.setPasswordByLink(portsAt(workplace), keyed(name), {
      purpose: 'reset-password',
      token: linkOf('reset-password', { userId: eve, email: 'e@x.org', by }),
      password: passwordOf(name),
      decide: handlers.decideResetPassword,
    }),
});

/** Eve has signed in on two devices, and asked for a link to reset her password. */
const eveForgot =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await eveIsIn(handlers, ['sign in', 'other device'])(workplace);
    const wanted = { canonicalEmail: 'e@x.org', portal: null };
    await handlers.requestPasswordReset(portsAt(workplace), keyed('forgot'), wanted);
  };

const ENDINGS: ReadonlySet<string> = new Set(['PasswordChanged', 'PasswordReset', 'SignedOutEverywhere']);

/** A session that began before an ending event was looked at gets no further tokens, and one that began after it does. */
const endedSessionsAreOver = async (
  handlers: Handlers,
  workplace: Workplace,
  session: { readonly id: string; readonly ver: number },
  events: readonly AnyEvent[],
): Promise<void> => {
  const token = await newestToken(workplace, session.id);
  if (token === null) return;
  const ended = events.some(
    (event) =>
      ENDINGS.has(event.type) &&
      event.revision > session.ver &&
      !('keptSessionId' in event.data && event.data.keptSessionId === session.id),
  );
  const answer = outcome(await handlers.refresh(portsAt(workplace), keyed(`later ${session.id}`), token));
  if (ended && answer !== 'refresh_session_ended')
    throw new Error(`A session that was ended gives ${answer} at its next refresh`);
  if (!ended && answer !== 'done') throw new Error(`A session that nobody ended gives ${answer} at its next refresh`);
};

/** Exactly the password that was set last opens the account. */
const lastPasswordCounts = async (
  handlers: Handlers,
  workplace: Workplace,
  events: readonly AnyEvent[],
  names: readonly string[],
): Promise<void> => {
  const setters = events.filter(({ type }) => type === 'PasswordChanged' || type === 'PasswordReset');
  const last = setters.at(-1)?.metadata.commandId;
  const setBy = names.find((name) => keyed(name).idOf(0) === last);
  const good = setBy === undefined ? OLD : passwordOf(setBy);
  for (const password of new Set([OLD, ...names.map(passwordOf)])) {
    const answer = outcome(await handlers.login(portsAt(workplace), keyed(`try ${password}`), credentials(password)));
    if (answer !== (password === good ? 'done' : 'invalid_credentials'))
      throw new Error(`The password ${password} gives ${answer}, though ${good} was set last`);
  }
};

/** "Done" was told of a password only to whom it was set for; a link and a session set one password between them. */
const passwordsWereTold = (results: readonly Result[], names: readonly string[], events: readonly AnyEvent[]): void => {
  const setters = events.filter(({ type }) => type === 'PasswordChanged' || type === 'PasswordReset');
  if (setters.length > 1) throw new Error('A link or a session that was worth nothing any more set a password');
  for (const [index, result] of results.entries()) {
    const name = names[index] ?? '';
    if (!['change', 'reset', 'reset again'].includes(name) || answered(result) === null) continue;
    if (!setters.some(({ metadata }) => metadata.commandId === keyed(name).idOf(0)))
      throw new Error('"Done" was told of a password that was not set');
  }
};

const passwords = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  processes,
  prepare: eveForgot(handlers),
  always: () => undefined,
  finally: async (workplace, results) => {
    const names = processes.map((process) => process.name);
    const { events } = await workplace.log.read(userStream(eve));
    passwordsWereTold(results, names, events);
    const signedIn = results
      .map((result) => answered(result) as SignedInNow | null)
      .find((answer) => answer !== null && 'signIn' in answer);
    const sessions = [
      { id: eveSession, ver: 0 },
      { id: otherSession, ver: 0 },
    ];
    for (const session of sessions) await endedSessionsAreOver(handlers, workplace, session, events);
    // Whoever signed in did so with the old password: no session of it outlives the old password, whatever it says.
    const replaced = events.some(({ type }) => type === 'PasswordChanged' || type === 'PasswordReset');
    if (signedIn) {
      const { id, ver } = signedIn.session;
      await endedSessionsAreOver(handlers, workplace, { id, ver: replaced ? 0 : ver }, events);
    }
    const setters = names.filter((process) => ['change', 'reset', 'reset again'].includes(process));
    if (setters.length > 0) await lastPasswordCounts(handlers, workplace, events, setters);
  },
  stops: 1,
  losses: 1,
  ...more,
});

export const passwordScenarios = (handlers: Handlers): readonly Scenario[] => [
  passwords(handlers, 'a sign-out everywhere meets a sign-in', [leaveEverywhere(handlers), login(handlers)]),
  passwords(handlers, 'a sign-out everywhere meets a refresh', [leaveEverywhere(handlers), refresh(handlers, 'a')]),
  passwords(handlers, 'a password change meets a sign-in', [change(handlers), login(handlers)]),
  passwords(handlers, 'a password change meets a refresh of the session that it keeps', [
    change(handlers),
    refresh(handlers, 'a'),
  ]),
  passwords(
    handlers,
    'a password change meets a sign-in, a refresh and a sign-out everywhere',
    [change(handlers), login(handlers), refresh(handlers, 'a'), leaveEverywhere(handlers)],
    { stops: 0, losses: 0 },
  ),
  passwords(handlers, 'a reset meets a sign-in', [reset(handlers), login(handlers)]),
  passwords(handlers, 'a reset meets a password change', [reset(handlers), change(handlers)]),
  passwords(handlers, 'one link resets two passwords', [reset(handlers), reset(handlers, 'reset again')]),
];
