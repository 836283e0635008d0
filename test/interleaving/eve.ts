import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import { eventIdOf } from '@rollbook/shared/event-log/seal-event';
import { fromInstant, SECOND } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { foldSession } from '@rollbook/shared/person/session.state';
import type { LinkPurpose } from '@rollbook/shared/tokens/link-tokens';
import { personIdOf, type Command } from '../../command-api/src/command/command.ts';
import { digests, keyed, links, portsAt, registration, signed } from './commands.ts';
import type { Handlers } from './handlers.ts';
import { BEGINNING, type Result, type Workplace } from './world.ts';

export const SYSTEM = () =>
  Promise.resolve({ registrar: { kind: 'system' }, actor: { kind: 'system', id: null } } as const);

export const OLD = 'Correct-Horse-7';
export const eve = personIdOf(keyed('eve').idOf(0));

/** Two sessions of Eve that began before the scenario: the one she acts by, and one on another device. */
export const SESSIONS = ['sign in', 'other device'].map((name) => derivedUuid('session', keyed(name).idOf(0)));
export const [eveSession = '', otherSession = ''] = SESSIONS;

/** Eve has an active account and has signed in, on one device or on two. */
export const eveIsIn =
  (handlers: Handlers, devices: readonly string[] = ['sign in']) =>
  async (workplace: Workplace): Promise<void> => {
    const ports = portsAt(workplace);
    await handlers.registerUser(ports, keyed('eve'), registration('e@x.org', 'eve'), SYSTEM);
    for (const device of devices) await handlers.login(ports, keyed(device), credentials(OLD));
  };

export const credentials = (password: string) => ({ name: { kind: 'username', username: 'eve' }, password }) as const;

/** The refresh token of a generation of a session, as it was handed out. */
export const tokenOf = async (workplace: Workplace, generation: number, session = eveSession): Promise<string> => {
  const { events } = await workplace.log.read(sessionStream(session));
  return refreshToken(events[generation], generation, session);
};

/** The refresh token that a session handed out last; null where there is no such session. */
export const newestToken = async (workplace: Workplace, session: string): Promise<string | null> => {
  const { events } = await workplace.log.read(sessionStream(session));
  const state = foldSession(events);
  if (state === null) return null;
  return refreshToken(
    events.find(({ id }) => id === state.tokenId),
    state.generation,
    session,
  );
};

const refreshToken = (made: AnyEvent | undefined, generation: number, sessionId: string): string => {
  const issuedAt = made ? Math.floor(fromInstant(made.recordedAt) / SECOND) : 0;
  const subject = { userId: eve, sessionId, tokenId: made?.id ?? eve, issuedAt, expiresAt: issuedAt + 86_400 };
  return signed('refresh', subject, { gen: generation });
};

/** A command by Eve's first session. `ver`: the end of her stream when she signed in. */
export const byEve = (name: string, ver = 0): Command => {
  const issuedAt = BEGINNING / SECOND;
  const subject = { userId: eve, sessionId: eveSession, tokenId: eve, issuedAt, expiresAt: issuedAt + 86_400 };
  return { ...keyed(name), bearer: signed('access', subject, { role: 'user', ver }) };
};

/** The link of the mail that a command asked for as its n-th event; told without looking into the log. */
export const linkOf = (
  purpose: LinkPurpose,
  { userId, email, by, index = 0 }: { userId: string; email: string; by: string; index?: number },
): string =>
  links.sign({
    purpose,
    userId,
    requestId: eventIdOf(keyed(by).idOf(0), userStream(userId), index),
    emailDigest: digests.email(email),
    requestedAt: BEGINNING,
  });

/** What was answered, where that was no refusal. */
export const answered = (result: Result | undefined): object | null => {
  if (result === undefined || result === 'stopped' || !('answer' in result)) return null;
  const { answer } = result;
  return typeof answer === 'object' && answer !== null && !isRejection(answer) ? answer : null;
};
