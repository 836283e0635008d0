import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { CreatedApiKey } from '../../command-api/src/api-key/create-api-key/create-api-key.handle.ts';
import { change, everybody, idOf, signedIn, type Name } from './account.scenarios.ts';
import { keyed, outcome, portsAt } from './commands.ts';
import type { Handlers } from './handlers.ts';
import type { EventsByStream, Process, Result, Scenario, Workplace } from './world.ts';

const WANTED = { name: 'billing', scopes: ['users:read'], rateLimitPerHour: null, expiresAt: null } as const;
const keyId = derivedUuid('api-key', keyed('make').idOf(0));

const asAdmin = (workplace: Workplace, by: Name) => ({
  ...portsAt(workplace),
  authority: { check: signedIn(workplace, by) },
});
const make = (handlers: Handlers): Process => ({
  name: 'make',
  run: (workplace) => handlers.createApiKey(asAdmin(workplace, 'bob'), keyed('make'), WANTED),
});
const revoke = (handlers: Handlers, by: Name): Process => ({
  name: `revoke by ${by}`,
  run: (workplace) => handlers.revokeApiKey(asAdmin(workplace, by), keyed(`revoke by ${by}`), keyId),
});

const answersOf = (results: readonly Result[]): readonly unknown[] =>
  results.flatMap((result) => (result !== 'stopped' && 'answer' in result ? [result.answer] : []));
const shownBy = (results: readonly Result[]): readonly string[] =>
  (answersOf(results) as CreatedApiKey[]).flatMap((answer) => (isRejection(answer) ? [] : (answer.text ?? [])));

/** At every position: a key is made once and revoked at most once, and none is there that nobody asked for. */
const keysAreTrue = (_workplace: Workplace, events: EventsByStream): void => {
  const streams = [...events].filter(([stream]) => stream.startsWith('apikey-'));
  if (streams.length > 1) throw new Error('One command made two keys');
  for (const [, happened] of streams)
    if (!/^ApiKeyCreated(?:,ApiKeyRevoked)?$/.test(happened.map(({ type }) => type).join()))
      throw new Error('A key was made or revoked twice');
};

/** A key is shown once at most; the one that is shown works, unless somebody was told that it is revoked. */
const shownOnce = async (workplace: Workplace, results: readonly Result[], events: EventsByStream): Promise<void> => {
  const shown = shownBy(results);
  if (shown.length > 1) throw new Error('A key was shown twice');
  const isRevoked = events.get(`apikey-${keyId}`)?.some(({ type }) => type === 'ApiKeyRevoked') === true;
  for (const text of shown)
    if (isRejection(await new ApiKeys(workplace).look(text)) !== isRevoked)
      throw new Error('The key that was shown does not do what the log says');
  const told = (answersOf(results) as { type?: string }[]).some(({ type }) => type === 'ApiKeyRevoked');
  if (told && !isRevoked) throw new Error('"Revoked" was told of a key that lives');
};

/** Whoever is no administrator any more is shown no key, not even one whose making was under way. */
const noneForTheDemoted = async ({ log }: Workplace, results: readonly Result[]): Promise<void> => {
  const { events } = await log.read(userStream(idOf('bob')));
  const demoted = events.findLast((event) => event.type === 'RoleChanged' && event.data.to === 'user');
  const [created] = (await log.read(`apikey-${keyId}`)).events;
  if (demoted && created && created.position > demoted.position && shownBy(results).length > 0)
    throw new Error('A key was shown to somebody who was no administrator when it was made');
  for (const answer of answersOf(results))
    if (!['done', 'session_ended', 'forbidden', 'not_found'].includes(outcome(answer)))
      throw new Error(`Somebody was told ${outcome(answer)}`);
};

export const apiKeyScenarios = (handlers: Handlers): readonly Scenario[] => [
  {
    name: 'one API key is made twice at once',
    processes: [make(handlers), make(handlers)],
    prepare: everybody(handlers),
    always: keysAreTrue,
    finally: shownOnce,
    stops: 1,
    losses: 1,
  },
  {
    name: 'an API key is revoked twice while its making is sent again',
    processes: [make(handlers), revoke(handlers, 'ann'), revoke(handlers, 'bob')],
    prepare: everybody(handlers),
    always: keysAreTrue,
    finally: shownOnce,
    stops: 1,
    losses: 1,
  },
  {
    name: 'an administrator makes an API key while being demoted',
    processes: [make(handlers), change(handlers, 'ann', 'bob', { role: 'user' })],
    prepare: everybody(handlers),
    always: keysAreTrue,
    finally: noneForTheDemoted,
    stops: 1,
    losses: 1,
  },
];
