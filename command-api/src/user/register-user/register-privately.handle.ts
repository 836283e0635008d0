import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { lookAtName } from '../../claim/claims.handle.ts';
import type { Command } from '../../command/command.ts';
import { noticeAddressInUse } from '../notice-address-in-use/notice-address-in-use.handle.ts';
import { registerUser } from './register-user.handle.ts';
import type { IdentifyRegistrar, Registration, RegisterPorts } from './registration.ts';

export type PrivatePorts = RegisterPorts;

/**
 * Registration that does not tell whether the address is known. Only two checks come before the answer, and neither
 * looks at the address: a taken username and a full hashing queue. All else happens in `after`, at the same cost for
 * both cases: one hash and one mail. The answer promises no effect.
 */
export const registerPrivately = async (
  ports: PrivatePorts,
  command: Command,
  wanted: Registration,
  identify: IdentifyRegistrar,
): Promise<{ readonly after: () => Promise<void> } | Rejection> => {
  const { secret } = wanted;
  if (command.ifMatch !== null) return reject('precondition_failed');
  if (secret === null || !('password' in secret)) return reject('invalid_input');
  if (wanted.username !== null) {
    const digest = ports.digests.username(wanted.username);
    const seen = await lookAtName(ports, 'username', digest, command.idOf(0));
    // A keyed repeat meets the username that it registered itself.
    const mine = seen.holder?.person.registeredBy === command.idOf(0);
    if (seen.verdict === 'in-use' && !mine) return reject('username_taken');
  }
  const place = ports.queue.reserve();
  if (!place) return reject('hashing_queue_full');
  return {
    after: async () => {
      const hash = await place.run(() => ports.hashes.hash(secret.password));
      const registration: Registration = { ...wanted, secret: { hash }, usernameMayDiffer: true };
      const result = await registerUser(ports, command, registration, identify);
      if (!isRejection(result) || result.rejection !== 'email_taken') return;
      const emailDigest = ports.digests.email(wanted.canonicalEmail);
      await noticeAddressInUse(ports, command, { emailDigest, portal: wanted.portal });
    },
  };
};
