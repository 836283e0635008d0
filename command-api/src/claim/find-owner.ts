import { emailClaimStream, usernameClaimStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { readPerson, type ReadPerson } from '../command/read-person.ts';
import { lastClaim, type ClaimKind } from './claim.state.ts';

/** The person whose name this is now, or null. The log decides: the last use of its kind must name the claim. */
export const findOwner = async (log: EventLog, kind: ClaimKind, digest: string): Promise<ReadPerson | null> => {
  const stream = kind === 'email' ? emailClaimStream(digest) : usernameClaimStream(digest);
  const claim = lastClaim((await log.read(stream, { direction: 'backwards', limit: 1 })).events);
  if (claim === null) return null;
  const holder = await readPerson(log, claim.userId);
  return holder.person.existence === 'registered' && holder.person.usedClaims[kind] === claim.claimId ? holder : null;
};
