import { isRejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import { personIdOf } from '../../command-api/src/command/command.ts';
import type { SignedInNow } from '../../command-api/src/session/login/login.handle.ts';
import {
  change,
  everybody,
  idOf,
  nothingStaysHalfDone,
  oneAdministratorStays,
  signedIn,
  type Name,
} from './account.scenarios.ts';
import { digests, keyed, links, outcome, portsAt, registration } from './commands.ts';
import { byEve, credentials, linkOf, OLD } from './eve.ts';
import type { Handlers } from './handlers.ts';
import { STRANGER } from './registration.scenarios.ts';
import type { EventsByStream, Process, Result, Scenario, Workplace } from './world.ts';

/** Zoe registers herself, and stays pending until she opens her link. */
const zoe = personIdOf(keyed('zoe').idOf(0));

const withZoe =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await everybody(handlers)(workplace);
    await handlers.registerUser(portsAt(workplace), keyed('zoe'), registration('zoe@x.org', 'zoe'), STRANGER);
  };

const erase = (handlers: Handlers, by: Name, userId: string, name: string): Process => ({
  name,
  run: (workplace) => handlers.eraseUser(portsAt(workplace), keyed(name), userId, signedIn(workplace, by)),
});

const login = (handlers: Handlers, username: string): Process => ({
  name: 'login',
  run: (workplace) =>
    handlers.login(portsAt(workplace), keyed('login'), {
      name: { kind: 'username', username },
      password: 'Correct-Horse-7',
    }),
});

const verify = (handlers: Handlers): Process => ({
  name: 'verify',
  run: async (workplace) => {
    const { events } = await workplace.log.read(userStream(zoe));
    const request = events.find(({ type }) => type === 'EmailVerificationRequested');
    const token = links.sign({
      purpose: 'verify-email',
      userId: zoe,
      requestId: request?.id ?? '',
      emailDigest: digests.email('zoe@x.org'),
      requestedAt: request ? fromInstant(request.recordedAt) : 0,
    });
    return handlers.verifyEmail(portsAt(workplace), keyed('verify'), token);
  },
});

/** At every position: erased once, the receipt only after it, and only where the key is destroyed. */
const receiptsAreTrue = async (workplace: Workplace, events: EventsByStream): Promise<void> => {
  for (const [stream, happened] of events) {
    const types = happened.map(({ type }) => type);
    const erased = types.indexOf('PersonErased');
    const receipts = types.filter((type) => type === 'ErasureReceipted').length;
    if (erased === -1 && receipts > 0) throw new Error('A receipt stands where nobody was erased');
    if (types.lastIndexOf('PersonErased') !== erased || receipts > 1) throw new Error('Somebody was erased twice');
    if (types.slice(erased + 1).some((type) => type !== 'ErasureReceipted') && erased !== -1)
      throw new Error('Something happened to somebody who was erased');
    const person = stream.slice('user-'.length);
    if (receipts > 0 && (await workplace.keys.find(person)) !== 'destroyed')
      throw new Error('A receipt was signed before the key was destroyed');
  }
};

/** At every position: a request is confirmed only while it is open, and whoever is erased by request had confirmed one. */
const requestsAreTrue = async ({ log }: Workplace): Promise<void> => {
  let request: string | null = null;
  let confirmed = false;
  for (const event of (await log.read(userStream(idOf('eve')))).events) {
    if (event.type === 'ErasureRequested') [request, confirmed] = [event.id, false];
    if (event.type === 'ErasureCancelled') {
      if (request === null) throw new Error('A request was cancelled that was not open');
      [request, confirmed] = [null, false];
    }
    if (event.type === 'ErasureConfirmed') {
      if (event.data.requestId !== request) throw new Error('A request was confirmed that was not open');
      confirmed = true;
    }
    if (event.type === 'PersonErased' && (event.data.reason === 'requested') !== confirmed)
      throw new Error(`Erased as ${event.data.reason}, though the request was ${confirmed ? '' : 'not '}confirmed`);
  }
};

/** "Done" was told only with the receipt in the log, and no session outlives the person. */
const toldTruly =
  (processes: readonly Process[]) =>
  async (workplace: Workplace, results: readonly Result[], events: EventsByStream): Promise<void> => {
    for (const [index, result] of results.entries()) {
      if (result === 'stopped' || !('answer' in result) || outcome(result.answer) !== 'done') continue;
      if (processes[index]?.name.startsWith('erase') === true) {
        const { type, id } = result.answer as { type: string; id: string };
        const found = [...events.values()].flat().some((event) => event.id === id);
        if (type !== 'ErasureReceipted' || !found) throw new Error('"Erased" was told without a receipt in the log');
      }
      if (processes[index]?.name === 'login' && !isRejection(result.answer as object)) {
        const { session } = result.answer as SignedInNow;
        const person = foldPerson((await workplace.log.read(userStream(session.userId))).events);
        if (person.existence === 'erased' && !endsSession(person, session.id, session.ver))
          throw new Error('A session outlives the erased account');
      }
    }
  };

const erasures = (
  handlers: Handlers,
  name: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  processes,
  prepare: withZoe(handlers),
  always: async (workplace, events) => {
    await oneAdministratorStays(workplace, events);
    await receiptsAreTrue(workplace, events);
    await requestsAreTrue(workplace);
  },
  finally: async (workplace, results, events) => {
    await toldTruly(processes)(workplace, results, events);
    await nothingStaysHalfDone(handlers)(workplace);
    await receiptsAreTrue(workplace, events);
    for (const [stream, happened] of events) {
      const types = happened.map(({ type }) => type);
      const met = ['ann', 'bob', 'cyd'].some((person) => stream === userStream(idOf(person as Name)));
      if (met && types.includes('PersonErased') && !types.includes('ErasureReceipted'))
        throw new Error('An erasure that a later command met has no receipt');
    }
  },
  stops: 1,
  losses: 1,
  ...more,
});

/** Eve has signed in and asked to be erased. */
const eveAsked =
  (handlers: Handlers) =>
  async (workplace: Workplace): Promise<void> => {
    await everybody(handlers)(workplace);
    await handlers.login(portsAt(workplace), keyed('sign in'), credentials(OLD));
    const wanted = { userId: idOf('eve'), currentPassword: OLD, portal: null };
    await handlers.requestErasure(portsAt(workplace), byEve('ask'), wanted);
  };

const confirm = (handlers: Handlers): Process => ({
  name: 'confirm',
  run: (workplace) => {
    const token = linkOf('confirm-erasure', { userId: idOf('eve'), email: 'eve@x.org', by: 'ask' });
    return handlers.confirmErasure(portsAt(workplace), keyed('confirm'), token);
  },
});

const cancel = (handlers: Handlers): Process => ({
  name: 'cancel',
  run: (workplace) => handlers.cancelErasure(portsAt(workplace), byEve('cancel'), idOf('eve')),
});

export const erasureScenarios = (handlers: Handlers): readonly Scenario[] => [
  erasures(handlers, 'two administrators erase each other', [
    erase(handlers, 'ann', idOf('bob'), 'erase bob'),
    erase(handlers, 'bob', idOf('ann'), 'erase ann'),
  ]),
  erasures(handlers, 'an administrator erases one who demotes them (erase)', [
    erase(handlers, 'ann', idOf('bob'), 'erase bob'),
    change(handlers, 'bob', 'ann', { role: 'user' }),
  ]),
  erasures(handlers, 'to erase somebody is executed twice', [
    erase(handlers, 'ann', idOf('cyd'), 'erase cyd'),
    erase(handlers, 'ann', idOf('cyd'), 'erase cyd'),
  ]),
  erasures(handlers, 'somebody verifies while administrators erase them', [
    verify(handlers),
    erase(handlers, 'ann', zoe, 'erase zoe'),
  ]),
  erasures(handlers, 'somebody signs in while administrators erase them', [
    login(handlers, 'eve'),
    erase(handlers, 'ann', idOf('eve'), 'erase eve'),
  ]),
  erasures(
    handlers,
    'a request for erasure is confirmed while it is cancelled',
    [confirm(handlers), cancel(handlers)],
    {
      prepare: eveAsked(handlers),
    },
  ),
  erasures(
    handlers,
    'a request for erasure is confirmed and cancelled while administrators erase',
    [confirm(handlers), cancel(handlers), erase(handlers, 'ann', idOf('eve'), 'erase eve')],
    { prepare: eveAsked(handlers), stops: 0 },
  ),
];
