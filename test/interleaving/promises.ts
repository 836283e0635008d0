import { ADMIN_ROSTER, emailClaimStream, userStream, usernameClaimStream } from '@rollbook/shared/contracts/streams';
import { canSignIn, foldPerson, type Person } from '@rollbook/shared/person/person.state';
import { foldRoster } from '../../command-api/src/admin-roster/roster.state.ts';
import type { EventsByStream, Workplace } from './world.ts';

const peopleOf = async ({ log }: Workplace, events: EventsByStream): Promise<readonly Person[]> => {
  const streams = [...events.keys()].filter((stream) => stream.startsWith('user-'));
  return Promise.all(streams.map(async (stream) => foldPerson((await log.read(stream)).events)));
};

/** One owner per name at this position, and each owner's claim is the last of its stream, so the name leads to them. */
export const oneOwnerPerName = async (workplace: Workplace, events: EventsByStream): Promise<void> => {
  const owners = new Map<string, string>();
  for (const person of await peopleOf(workplace, events)) {
    if (person.existence !== 'registered') continue;
    const names = [
      [emailClaimStream(person.emailDigest ?? ''), person.usedClaims.email],
      [usernameClaimStream(person.usernameDigest ?? ''), person.usedClaims.username],
    ] as const;
    for (const [stream, claimId] of names) {
      if (owners.has(stream)) throw new Error(`Two people own the name of ${stream}`);
      owners.set(stream, person.id ?? '');
      if (events.get(stream)?.at(-1)?.id !== claimId)
        throw new Error(`The claim that ${person.id ?? ''} uses is not the last of ${stream}`);
    }
  }
};

/** No command registered two people. */
export const oneEffectPerCommand =
  (commands: readonly { idOf(attempt: number): string }[]) =>
  async (workplace: Workplace, events: EventsByStream): Promise<void> => {
    const registeredBy = (await peopleOf(workplace, events)).map(({ registeredBy }) => registeredBy);
    for (const command of commands) {
      const ids = new Set(Array.from({ length: 20 }, (_, attempt) => command.idOf(attempt)));
      const effects = registeredBy.filter((id) => id !== null && ids.has(id));
      if (effects.length > 1) throw new Error('One command registered two people');
    }
  };

/** Every listed grant belongs to an administrator who can sign in. */
export const rosterIsTrue = async ({ log }: Workplace): Promise<void> => {
  const { listed } = foldRoster((await log.read(ADMIN_ROSTER)).events);
  for (const [grantId, userId] of listed) {
    const person = foldPerson((await log.read(userStream(userId))).events);
    if (person.role !== 'admin' || person.grantId !== grantId || !canSignIn(person))
      throw new Error('The roster lists somebody who is no administrator that can sign in');
  }
};
