import { isRejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { fromInstant, HOUR, MINUTE } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import type { LinkPurpose } from '@rollbook/shared/tokens/link-tokens';
import { personIdOf } from '../../command-api/src/command/command.ts';
import type { Effect } from '../../command-api/src/command/own-events.ts';
import { digests, keyed, links, outcome, PENDING_TTL, portsAt, registration } from './commands.ts';
import type { Handlers } from './handlers.ts';
import { oneEffectPerCommand, oneOwnerPerName } from './promises.ts';
import type { Process, Result, Scenario, Workplace } from './world.ts';

export const STRANGER = () =>
  Promise.resolve({ registrar: { kind: 'self' }, actor: { kind: 'anonymous', id: null } } as const);

/** Longer than a claim lives. */
const CLAIM_OVER = 2 * MINUTE + 1;
/** Longer than anything pending lives. */
const ALL_OVER = PENDING_TTL + CLAIM_OVER;

/** What a command asks for: its name, an address, a username. */
type Wish = readonly [command: string, email: string, username: string | null];

const register = (handlers: Handlers, [command, email, username]: Wish): Process => ({
  name: command,
  run: (workplace) =>
    handlers.registerUser(portsAt(workplace), keyed(command), registration(email, username), STRANGER),
});

/** Long after, each name can be had or has an owner: none is stuck for ever. */
const noNameIsStuck = async (handlers: Handlers, workplace: Workplace, wishes: readonly Wish[]): Promise<void> => {
  for (const [index, [, email, username]] of wishes.entries())
    for (const probe of [
      registration(email, `probe-${String(index)}`),
      registration(`p${String(index)}@x.org`, username),
    ]) {
      const command = keyed(`probe ${String(index)} ${probe.email}`);
      const answer = outcome(await handlers.registerUser(portsAt(workplace), command, probe, STRANGER));
      if (!['done', 'email_taken', 'username_taken'].includes(answer))
        throw new Error(`A name is stuck: ${probe.email} and ${probe.username ?? '-'} give ${answer}`);
    }
};

/** Who was told "done" stands in the log, one person for one command. */
const answersAreTrue = async (
  workplace: Workplace,
  wishes: readonly Wish[],
  results: readonly Result[],
): Promise<void> => {
  const told = new Map<string, string>();
  for (const [index, result] of results.entries()) {
    const command = wishes[index]?.[0];
    if (command === undefined || result === 'stopped' || !('answer' in result)) continue;
    if (isRejection(result.answer as object)) continue;
    const { id } = (result.answer as Effect).person;
    if (told.has(command) && told.get(command) !== id) throw new Error('One command was told of two people');
    told.set(command, id ?? '');
    const person = foldPerson((await workplace.log.read(userStream(id ?? ''))).events);
    if (person.existence === 'none' || person.existence === 'abandoned') throw new Error('"Done" was told of nobody');
  }
  if (new Set(told.values()).size !== told.size) throw new Error('Two commands were told of one person');
};

const always: Scenario['always'] = async (workplace, events) => {
  await oneOwnerPerName(workplace, events);
  await oneEffectPerCommand(['a', 'b', 'c'].map(keyed))(workplace, events);
};

const registrations = (
  handlers: Handlers,
  name: string,
  wishes: readonly Wish[],
  bounds: Pick<Scenario, 'stops' | 'losses' | 'jumps'>,
): Scenario => ({
  name,
  processes: wishes.map((wish) => register(handlers, wish)),
  always,
  afterwards: ALL_OVER,
  async finally(workplace, results) {
    await answersAreTrue(workplace, wishes, results);
    await noNameIsStuck(handlers, workplace, wishes);
  },
  ...bounds,
});

/** Registers Eve before the commands of a scenario begin. */
const eveIsPending =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await handlers.registerUser(portsAt(workplace), keyed('first'), registration('e@x.org', 'eve'), STRANGER);
  };

const eve = personIdOf(keyed('first').idOf(0));

/** The link that was mailed to Eve. Made without an access to the log that would be scheduled. */
const link = async (workplace: Workplace, purpose: LinkPurpose): Promise<string> => {
  const { events } = await workplace.log.read(userStream(eve));
  const request = events.find(({ type }) => type === 'EmailVerificationRequested');
  const requestedAt = request ? fromInstant(request.recordedAt) : 0;
  return links.sign({
    purpose,
    userId: eve,
    requestId: request?.id ?? '',
    emailDigest: digests.email('e@x.org'),
    requestedAt,
  });
};

const opening = (
  name: string,
  purpose: LinkPurpose,
  open: (ports: ReturnType<typeof portsAt>, command: ReturnType<typeof keyed>, token: string) => Promise<unknown>,
): Process => ({
  name,
  run: async (workplace) => open(portsAt(workplace), keyed(name), await link(workplace, purpose)),
});

const verify = (handlers: Handlers, name = 'verify'): Process => opening(name, 'verify-email', handlers.verifyEmail);
const reject = (handlers: Handlers): Process => opening('reject', 'reject-registration', handlers.rejectRegistration);

/** What was told of a link is true for ever: who verified is not erased, who rejected is gone. */
const linksTellTheTruth = async (workplace: Workplace, results: readonly Result[], names: readonly string[]) => {
  const person = foldPerson((await workplace.log.read(userStream(eve))).events);
  const isDone = (name: string): boolean =>
    results.some(
      (result, index) =>
        names[index] === name && result !== 'stopped' && 'answer' in result && outcome(result.answer) === 'done',
    );
  if (isDone('verify') && (person.existence !== 'registered' || !person.emailVerified))
    throw new Error('"Verified" was told of an account that is not');
  if (isDone('reject') && person.existence !== 'erased')
    throw new Error('"Rejected" was told of an account that lives');
  if (isDone('a') && isDone('verify')) throw new Error('A verified address was registered by somebody else');
};

const withEve = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario>,
): Scenario => ({
  name,
  processes,
  prepare: eveIsPending(handlers),
  always,
  afterwards: ALL_OVER,
  async finally(workplace, results) {
    await linksTellTheTruth(
      workplace,
      results,
      processes.map((process) => process.name),
    );
    await noNameIsStuck(handlers, workplace, [['a', 'e@x.org', 'eve']]);
  },
  ...more,
});

export const registrationScenarios = (handlers: Handlers): readonly Scenario[] => [
  registrations(
    handlers,
    'two strangers want the same address and username',
    [
      ['a', 'e@x.org', 'eve'],
      ['b', 'e@x.org', 'eve'],
    ],
    { stops: 1, jumps: [CLAIM_OVER] },
  ),
  registrations(
    handlers,
    'one command is executed twice at once',
    [
      ['a', 'e@x.org', 'eve'],
      ['a', 'e@x.org', 'eve'],
    ],
    { stops: 1, losses: 1 },
  ),
  registrations(
    handlers,
    'two strangers want the same username',
    [
      ['a', 'e@x.org', 'eve'],
      ['b', 'f@x.org', 'eve'],
    ],
    { stops: 1, losses: 1 },
  ),
  registrations(
    handlers,
    'two strangers get derived usernames',
    [
      ['a', 'eve@x.org', null],
      ['b', 'eve@y.org', null],
    ],
    { losses: 1, jumps: [CLAIM_OVER] },
  ),
  registrations(
    handlers,
    'a slow command meets its own claims again after they ran out',
    [
      ['a', 'e@x.org', 'eve'],
      ['b', 'e@x.org', 'eve'],
      ['a', 'e@x.org', 'eve'],
    ],
    { jumps: [CLAIM_OVER] },
  ),
  withEve(
    handlers,
    'a link is opened twice while the account is rejected',
    [verify(handlers), verify(handlers, 'verify again'), reject(handlers)],
    { losses: 1 },
  ),
  withEve(
    handlers,
    'an address is verified while its time is over and somebody else wants it',
    [verify(handlers), register(handlers, ['a', 'e@x.org', 'eve'])],
    { age: 23 * HOUR, stops: 1, losses: 1 },
  ),
  withEve(
    handlers,
    'an address is rejected while somebody else wants it',
    [reject(handlers), register(handlers, ['a', 'e@x.org', 'eve'])],
    { stops: 1, losses: 1 },
  ),
];
