import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import { foldSession } from '@rollbook/shared/person/session.state';
import type { Refreshed } from '../../command-api/src/session/refresh/refresh.handle.ts';
import type { SignedInNow } from '../../command-api/src/session/login/login.handle.ts';
import { GRACE, keyed, outcome, portsAt, registration } from './commands.ts';
import { answered, eve, eveIsIn, eveSession, SYSTEM, tokenOf } from './eve.ts';
import type { Handlers } from './handlers.ts';
import { rosterIsTrue } from './promises.ts';
import type { Process, Result, Scenario, Workplace } from './world.ts';

export const refresh = (handlers: Handlers, name: string, generation = 0): Process => ({
  name,
  run: async (workplace) => handlers.refresh(portsAt(workplace), keyed(name), await tokenOf(workplace, generation)),
});

const logout = (handlers: Handlers): Process => ({
  name: 'logout',
  run: async (workplace) => {
    const value = await tokenOf(workplace, 0);
    return handlers.logout(portsAt(workplace), keyed('logout'), { kind: 'refresh', value });
  },
});

/** One token has one winner; whoever lost and was told 401 finds the session ended. */
const oneWinner =
  (processes: readonly Process[]) =>
  async (workplace: Workplace, results: readonly Result[]): Promise<void> => {
    const winners = new Map<string, string>();
    for (const [index, result] of results.entries()) {
      const won = answered(result) as Partial<Refreshed> | null;
      if (won?.event) winners.set(processes[index]?.name ?? '', won.event.id);
    }
    if (winners.size > 1) throw new Error('Two commands won with one refresh token');
    const session = foldSession((await workplace.log.read(sessionStream(eveSession))).events);
    const told = results.flatMap((result) =>
      result !== 'stopped' && 'answer' in result ? outcome(result.answer) : [],
    );
    if (told.includes('refresh_session_ended') && session?.ended !== true)
      throw new Error('"The session has ended" was told of a session that lives');
    for (const [index, result] of results.entries())
      if (processes[index]?.name === 'logout' && answered(result) && session?.ended !== true)
        throw new Error('"Signed out" was told of a session that lives');
  };

/** Nothing is handed out for a token that was used before; who was told that the session is over finds it ended. */
const replaysEndTheSession = async (workplace: Workplace, [owner, thief]: readonly Result[]): Promise<void> => {
  const session = foldSession((await workplace.log.read(sessionStream(eveSession))).events);
  if (answered(thief ?? 'stopped') !== null) throw new Error('A token that was used before was traded for another');
  for (const result of [owner, thief])
    if (result !== undefined && result !== 'stopped' && 'answer' in result)
      if (outcome(result.answer) === 'refresh_session_ended' && session?.ended !== true)
        throw new Error('"The session has ended" was told of a session that lives');
  const refreshed = answered(owner ?? 'stopped') as Refreshed | null;
  if (refreshed && session?.generation !== 2) throw new Error('A token was handed out that is not the newest');
};

const sessions = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario>,
): Scenario => ({
  name,
  processes,
  prepare: eveIsIn(handlers),
  always: () => undefined,
  finally: oneWinner(processes),
  ...more,
});

/** Twenty seconds later the grace of a first use is over. */
const GRACE_OVER = 2 * GRACE;

/** Signs in while somebody else's link ends the account. */
const noSessionOutlivesTheAccount = async (workplace: Workplace, results: readonly Result[]): Promise<void> => {
  const signedIn = results
    .map((result) => answered(result) as SignedInNow | null)
    .find((answer) => answer !== null && 'session' in answer);
  if (!signedIn) return;
  const person = foldPerson((await workplace.log.read(userStream(eve))).events);
  const { session } = signedIn;
  if (person.existence === 'erased' && !endsSession(person, session.id, session.ver))
    throw new Error('A session outlives the erased account');
};

const firstAdmin = (handlers: Handlers, name: string, email: string): Process => ({
  name,
  run: (workplace) =>
    handlers.ensureFirstAdmin(portsAt(workplace), Buffer.alloc(32, 9), () => ({ email, password: 'Correct-Horse-7' })),
});

const staffAdmin = (handlers: Handlers, name: string): Process => ({
  name,
  run: (workplace) =>
    handlers.registerUser(
      portsAt(workplace),
      keyed(name),
      registration(`${name}@x.org`, name, { role: 'admin' }),
      SYSTEM,
    ),
});

/** However it went, a later start finds or makes exactly one first administrator, and they are listed. */
const oneFirstAdmin =
  (handlers: Handlers) =>
  async (
    workplace: Workplace,
    _results: readonly Result[],
    events: ReadonlyMap<string, readonly { type: string }[]>,
  ) => {
    await firstAdmin(handlers, 'later', 'root@x.org').run(workplace);
    const admins = [...events.values()].filter((stream) => stream.some(({ type }) => type === 'RoleChanged'));
    if (admins.length !== 1) throw new Error(`${String(admins.length)} first administrators were made`);
    if (events.get('adminroster')?.length !== 1) throw new Error('The first administrator is not listed exactly once');
    await rosterIsTrue(workplace);
  };

export const sessionScenarios = (handlers: Handlers): readonly Scenario[] => [
  sessions(
    handlers,
    'three use one refresh token',
    [refresh(handlers, 'a'), refresh(handlers, 'b'), refresh(handlers, 'c')],
    { stops: 1, losses: 1, jumps: [GRACE_OVER] },
  ),
  sessions(handlers, 'one refresh is executed twice at once', [refresh(handlers, 'a'), refresh(handlers, 'a')], {
    stops: 1,
    losses: 1,
    jumps: [GRACE_OVER],
  }),
  sessions(
    handlers,
    'a stolen token is replayed while its owner refreshes',
    [refresh(handlers, 'a', 1), refresh(handlers, 'thief', 0)],
    {
      prepare: async (workplace) => {
        await eveIsIn(handlers)(workplace);
        await handlers.refresh(portsAt(workplace), keyed('first'), await tokenOf(workplace, 0));
      },
      finally: replaysEndTheSession,
      stops: 1,
      losses: 1,
      jumps: [GRACE_OVER],
    },
  ),
  sessions(handlers, 'a sign-out meets a refresh', [refresh(handlers, 'a'), logout(handlers)], { stops: 1, losses: 1 }),
  {
    name: 'a sign-in meets an erasure',
    processes: [
      {
        name: 'login',
        run: (workplace) =>
          handlers.login(portsAt(workplace), keyed('login'), {
            name: { kind: 'username', username: 'eve' },
            password: 'Correct-Horse-7',
          }),
      },
      {
        name: 'erase',
        run: async ({ log }) => {
          const { end } = await log.read(userStream(eve));
          const context = {
            actor: { kind: 'system', id: null },
            origin: null,
            requestId: 'r',
            correlationId: 'r',
            causationId: null,
            commandId: keyed('erase').idOf(0),
          } as const;
          await log.append(
            userStream(eve),
            end,
            [{ type: 'PersonErased', data: { reason: 'requested' }, personal: null }],
            context,
          );
        },
      },
    ],
    prepare: eveIsIn(handlers),
    always: () => undefined,
    finally: noSessionOutlivesTheAccount,
    losses: 1,
    stops: 1,
  },
  {
    name: 'two copies start at once on an empty log',
    processes: [firstAdmin(handlers, 'copy 1', 'root@x.org'), firstAdmin(handlers, 'copy 2', 'root@x.org')],
    always: rosterIsTrue,
    finally: oneFirstAdmin(handlers),
    stops: 1,
    losses: 1,
  },
  {
    name: 'two administrators are made at once',
    processes: [staffAdmin(handlers, 'ann'), staffAdmin(handlers, 'bob')],
    always: rosterIsTrue,
    stops: 1,
    losses: 1,
  },
];
