import { lookAtName, type SeenName } from '../../claim/claims.handle.ts';
import { derivedUsernames } from './derived-username.ts';
import type { Registration, RegisterPorts } from './registration.ts';

/** The username that this command can have: the wanted one, else the first derived one that is free, and what stands in its way. */
export const lookAtUsername = async (
  ports: RegisterPorts,
  { username: given, usernameMayDiffer, canonicalEmail }: Registration,
  commandId: string,
): Promise<{ readonly username: string; readonly seen: SeenName }> => {
  const look = (username: string): Promise<SeenName> =>
    lookAtName(ports, 'username', ports.digests.username(username), commandId);
  const derived = given === null || usernameMayDiffer ? derivedUsernames(canonicalEmail, commandId) : [];
  const [first = '', ...others] = given === null ? derived : [given, ...derived];
  let username = first;
  let seen = await look(first);
  for (const next of others) {
    if (seen.verdict !== 'in-use' && seen.verdict !== 'in-progress') break;
    username = next;
    seen = await look(next);
  }
  return { username, seen };
};
