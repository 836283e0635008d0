import { isRejection, type RejectionCode } from '@rollbook/shared/contracts/rejections';
import { ADMIN_ROSTER } from '@rollbook/shared/contracts/streams';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { commandIdOf } from '../safe-retry/command-id.ts';
import { SYSTEM, type Command } from '../command/command.ts';
import { registerUser } from '../user/register-user/register-user.handle.ts';
import type { RegisterPorts } from '../user/register-user/registration.ts';

export interface FirstAdmin {
  readonly email: string;
  readonly password: string;
}

/** `there`: an administrator was listed before; nothing was read or written. */
export type FirstAdminOutcome = 'there' | 'made' | 'wanted' | { readonly refused: RejectionCode };

/** True while no administrator was ever listed. */
export const rosterIsEmpty = async ({ log }: Pick<RegisterPorts, 'log'>): Promise<boolean> =>
  (await log.read(ADMIN_ROSTER, { limit: 1 })).events.length === 0;

/**
 * Makes the first administrator, while the roster is empty. Every copy that starts runs the same command, so two at
 * once make one person. Never promotes an existing account, never resets a password. `wanted`: the roster is empty and
 * nobody was named.
 */
export const ensureFirstAdmin = async (
  ports: RegisterPorts,
  digestKey: Buffer,
  named: () => FirstAdmin | null,
): Promise<FirstAdminOutcome> => {
  if (!(await rosterIsEmpty(ports))) return 'there';
  const admin = named();
  if (admin === null) return 'wanted';
  const wanted = {
    email: admin.email,
    canonicalEmail: canonicalEmail(admin.email) ?? '',
    username: null,
    usernameMayDiffer: false,
    secret: { password: admin.password },
    name: null,
    firstName: null,
    lastName: null,
    phone: null,
    preferences: {},
    role: 'admin',
    portal: null,
  } as const;
  const identify = () => Promise.resolve({ registrar: { kind: 'system' }, actor: SYSTEM } as const);
  const result = await registerUser(ports, systemCommand(digestKey), wanted, identify);
  return isRejection(result) ? { refused: result.rejection } : 'made';
};

/** Always the same, whoever runs it and whenever. */
const systemCommand = (digestKey: Buffer): Command => ({
  idOf: (attempt) =>
    commandIdOf(
      digestKey,
      { caller: 'system', method: 'START', url: 'first-admin', idempotencyKey: '', body: null },
      attempt,
    ),
  keyed: true,
  lifetime: Infinity,
  ifMatch: null,
  bearer: null,
  requestId: 'start',
  correlationId: 'start',
  origin: null,
});
