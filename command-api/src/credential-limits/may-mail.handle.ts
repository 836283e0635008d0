import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { findOwner } from '../claim/find-owner.ts';
import type { Command } from '../command/command.ts';
import type { CredentialLimits } from './credential-limits.ts';

interface Ports {
  readonly log: EventLog;
  readonly limits: CredentialLimits;
}

/** Takes a place for one more mail to this address's owner. Whoever asked is not told: their answer is out already. */
export const mayMail = async (
  { log, limits }: Ports,
  kind: 'reset' | 'verification',
  emailDigest: string,
  { origin }: Command,
): Promise<boolean> => {
  const subject = (await findOwner(log, 'email', emailDigest))?.person.id ?? emailDigest;
  return !('retryAfter' in (await limits.take({ kind, subject, address: origin?.address ?? null })));
};
