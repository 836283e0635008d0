import { userStream } from '@rollbook/shared/contracts/streams';
import { MINUTE } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { personIdOf } from '../../command-api/src/command/command.ts';
import { confirm, cydAsked } from './account.scenarios.ts';
import { keyed, outcome, portsAt, registration } from './commands.ts';
import { answered, linkOf } from './eve.ts';
import type { Handlers } from './handlers.ts';
import { oneEffectPerCommand, oneOwnerPerName } from './promises.ts';
import { STRANGER } from './registration.scenarios.ts';
import type { Process, Result, Scenario, Workplace } from './world.ts';

/** Shorter than the life of any link, so that every link still opens when the time is over. */
const PENDING_TTL = 30 * MINUTE;
const TIME_OVER = 40 * MINUTE;

const dot = personIdOf(keyed('dot').idOf(0));
const expiringAt = (workplace: Workplace) => ({ ...portsAt(workplace), pendingTtl: PENDING_TTL });

/** Cyd asked for the address new@x.org; Dot registered it, never verified it, and asked for a new password. */
const dotIsPending =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await cydAsked(handlers)(workplace);
    const ports = expiringAt(workplace);
    await handlers.registerUser(ports, keyed('dot'), registration('new@x.org', 'dot'), STRANGER);
    await handlers.requestPasswordReset(ports, keyed('forgot'), { canonicalEmail: 'new@x.org', portal: null });
  };

const sweep = (handlers: Handlers, name = 'sweep'): Process => ({
  name,
  run: (workplace) => handlers.expireOverdue(expiringAt(workplace), dot),
});

const verify = (handlers: Handlers): Process => ({
  name: 'verify',
  run: (workplace) => {
    const token = linkOf('verify-email', { userId: dot, email: 'new@x.org', by: 'dot', index: 1 });
    return handlers.verifyEmail(expiringAt(workplace), keyed('verify'), token);
  },
});

const reset = (handlers: Handlers): Process => ({
  name: 'reset',
  run: (workplace) =>
    handlers.setPasswordByLink(expiringAt(workplace), keyed('reset'), {
      purpose: 'reset-password',
      token: linkOf('reset-password', { userId: dot, email: 'new@x.org', by: 'forgot' }),
      password: 'Battery-Staple-9',
      decide: handlers.decideResetPassword,
    }),
});

const wantTheNames = (handlers: Handlers): Process => ({
  name: 'new',
  run: (workplace) =>
    handlers.registerUser(expiringAt(workplace), keyed('new'), registration('new@x.org', 'dot'), STRANGER),
});

const PROOFS: ReadonlySet<string> = new Set(['EmailVerified', 'PasswordReset']);

/** At every position: one owner a name; expired at most once, never after a proof of the mailbox, nothing after it. */
const expiryIsTrue: Scenario['always'] = async (workplace, events) => {
  await oneOwnerPerName(workplace, events);
  await oneEffectPerCommand([keyed('new')])(workplace, events);
  const types = (events.get(userStream(dot)) ?? []).map(({ type }) => type);
  const expired = types.indexOf('RegistrationExpired');
  if (expired === -1) return;
  if (types.slice(0, expired).some((type) => PROOFS.has(type)))
    throw new Error('A registration expired after its mailbox was proved');
  if (types.slice(expired).join() !== 'RegistrationExpired,PersonErased')
    throw new Error('Something happened to a registration that had expired');
};

/** What was told is true: who verified is there, and the names belong to who was told so. */
const toldTruly =
  (processes: readonly Process[]) =>
  async (workplace: Workplace, results: readonly Result[]): Promise<void> => {
    const person = foldPerson((await workplace.log.read(userStream(dot))).events);
    const done = new Set(processes.flatMap(({ name }, index) => (answered(results[index]) === null ? [] : [name])));
    const proved = done.has('verify') || done.has('reset');
    if (proved && (person.existence !== 'registered' || person.status !== 'active'))
      throw new Error('"Verified" was told of an account that is not');
    if (proved && (done.has('new') || done.has('confirm')))
      throw new Error('An address that was proved went to somebody else');
    const swept = results.some((result) => result !== 'stopped' && 'answer' in result && result.answer === 'expired');
    if (swept && !person.expired) throw new Error('"Expired" was told of an account that is not');
    // Nobody stays pending for ever: the next sweep ends what this one was stopped in.
    if (person.existence === 'registered' && person.status === 'pending' && processes.length > 0)
      if (!results.some((result) => result === 'stopped' || 'fault' in result))
        throw new Error('A registration whose time is over is still pending after a sweep');
  };

const expiries = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  processes,
  prepare: dotIsPending(handlers),
  age: TIME_OVER,
  always: expiryIsTrue,
  finally: async (workplace, results, events) => {
    await toldTruly(processes)(workplace, results);
    const later = outcome(await sweep(handlers).run(workplace));
    if (later !== 'done') throw new Error(`A later sweep gives ${later}`);
    await expiryIsTrue(workplace, events);
  },
  stops: 1,
  losses: 1,
  ...more,
});

export const expiryScenarios = (handlers: Handlers): readonly Scenario[] => [
  expiries(handlers, 'two copies sweep at once', [sweep(handlers), sweep(handlers, 'sweep too')]),
  expiries(handlers, 'the sweep meets a verification', [sweep(handlers), verify(handlers)]),
  expiries(handlers, 'the sweep meets a reset that proves the mailbox', [sweep(handlers), reset(handlers)]),
  expiries(handlers, 'the sweep meets a registration of the names', [sweep(handlers), wantTheNames(handlers)]),
  expiries(handlers, 'the sweep meets an email change to the address', [sweep(handlers), confirm(handlers)]),
  expiries(
    handlers,
    'a sweep, a verification, a registration and an email change meet over one address',
    [sweep(handlers), verify(handlers), wantTheNames(handlers), confirm(handlers)],
    { stops: 0, losses: 0 },
  ),
];
