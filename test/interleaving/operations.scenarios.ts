import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { change, everybody, idOf, signedIn, type Name } from './account.scenarios.ts';
import { keyed, outcome, portsAt } from './commands.ts';
import type { Handlers } from './handlers.ts';
import type { EventsByStream, Process, Result, Scenario, Workplace } from './world.ts';

const PARKED = { what: 'parked_event', id: '3f0c9a52-6d3e-4f0b-9d0e-2f6f1a2b3c4d' } as const;

const ask = (handlers: Handlers, by: Name, key = 'ask'): Process => ({
  name: `ask by ${by}`,
  run: (workplace) =>
    handlers.redrive(
      {
        ...portsAt(workplace),
        authority: { check: signedIn(workplace, by) },
        stoppedThings: { has: () => Promise.resolve(true) },
      },
      keyed(key),
      PARKED,
    ),
});

const answersOf = (results: readonly Result[]): readonly unknown[] =>
  results.flatMap((result) => (result !== 'stopped' && 'answer' in result ? [result.answer] : []));

/** At every position: each request stands there once. */
const atMost =
  (requests: number) =>
  (_workplace: Workplace, events: EventsByStream): void => {
    if ((events.get('operations') ?? []).length > requests) throw new Error('One request stands in the log twice');
  };

/** Whoever is told "accepted" is told of an event that stands in the log. */
const nothingAcceptedInVain = async ({ log }: Workplace, results: readonly Result[]): Promise<void> => {
  const ids = (await log.read('operations')).events.map(({ id }) => id);
  for (const answer of answersOf(results))
    if (!isRejection(answer as AnyEvent) && !ids.includes((answer as AnyEvent).id))
      throw new Error('Something was accepted that stands nowhere');
};

/** Nothing is tried again for somebody who was no administrator when it was asked for. */
const noneForTheDemoted = async ({ log }: Workplace, results: readonly Result[]): Promise<void> => {
  const { events } = await log.read(userStream(idOf('bob')));
  const demoted = events.findLast((event) => event.type === 'RoleChanged' && event.data.to === 'user');
  const requests = (await log.read('operations')).events;
  for (const answer of answersOf(results)) {
    const told = outcome(answer);
    if (!['done', 'session_ended', 'forbidden'].includes(told)) throw new Error(`Somebody was told ${told}`);
    const event = requests.find(({ id }) => id === (answer as AnyEvent).id);
    if (demoted && event && event.position > demoted.position)
      throw new Error('"Accepted" was told to somebody who was no administrator');
  }
};

export const operationsScenarios = (handlers: Handlers): readonly Scenario[] => [
  {
    name: 'one redrive is asked for twice at once',
    processes: [ask(handlers, 'bob'), ask(handlers, 'bob')],
    prepare: everybody(handlers),
    always: atMost(1),
    finally: nothingAcceptedInVain,
    stops: 1,
    losses: 1,
  },
  {
    name: 'two administrators ask for the same redrive',
    processes: [ask(handlers, 'ann', 'ask by ann'), ask(handlers, 'bob', 'ask by bob')],
    prepare: everybody(handlers),
    always: atMost(2),
    finally: nothingAcceptedInVain,
    stops: 1,
    losses: 1,
  },
  {
    name: 'an administrator asks for a redrive while being demoted',
    processes: [ask(handlers, 'bob'), change(handlers, 'ann', 'bob', { role: 'user' })],
    prepare: everybody(handlers),
    always: atMost(1),
    finally: noneForTheDemoted,
    stops: 1,
    losses: 1,
  },
];
