import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import type { Person } from '@rollbook/shared/person/person.state';
import { claimIdOf, lookAtName } from '../../claim/claims.handle.ts';
import type { SeenNames } from './seen-names.ts';
import type { UpdatePlan, WantedUser } from './update-user.decide.ts';
import type { UpdatePorts } from './update.ts';

/** The names that a plan touches, as they stand in the log now. */
export const lookAtNames = async (
  ports: UpdatePorts,
  { username, email }: UpdatePlan,
  commandId: string,
): Promise<SeenNames> => ({
  username: username === null ? null : await lookAtName(ports, 'username', ports.digests.username(username), commandId),
  email: email === null ? null : await lookAtName(ports, 'email', ports.digests.email(email.canonical), commandId),
});

/** An attempt is over when somebody fenced one of its claims. */
export const lostClaim = (
  digests: NameDigests,
  { forfeitedClaims }: Person,
  { username, email }: WantedUser,
  commandId: string,
): boolean => {
  const own = [
    username === undefined ? null : claimIdOf(commandId, 'username', digests.username(username)),
    email === undefined ? null : claimIdOf(commandId, 'email', digests.email(canonicalEmail(email) ?? '')),
  ];
  return own.some((claimId) => claimId !== null && forfeitedClaims.includes(claimId));
};
