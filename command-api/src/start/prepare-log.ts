import type { Random } from '@rollbook/shared/kernel/random';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { mismatchError } from '@rollbook/shared/personal-data/key-checks';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { SYSTEM } from '../command/command.ts';
import type { CommandApiConfig } from '../config.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ensureFirstAdmin, type FirstAdmin } from '../first-admin/first-admin.handle.ts';
import { passwordFaults } from '../password/password-policy.ts';
import { recordKeyChecks } from '../service-keys/record-key-checks.handle.ts';

/**
 * What must stand in the log before anybody is served: which keys it is written with, and an administrator. Throws
 * ConfigError when the settings do not fit.
 */
export const prepareLog = async (ports: CommandPorts, config: CommandApiConfig, random: Random): Promise<void> => {
  const context = {
    actor: SYSTEM,
    origin: null,
    requestId: 'start',
    correlationId: 'start',
    causationId: null,
    commandId: random.uuid(),
  };
  const keys = { digestKey: config.DIGEST_KEY, peppers: config.PASSWORD_PEPPER, masterKeys: config.MASTER_KEY };
  const wrong = await recordKeyChecks(ports, keys, context);
  if (wrong.length > 0) throw mismatchError(wrong);
  const outcome = await ensureFirstAdmin(ports, config.DIGEST_KEY, () => namedAdmin(config));
  if (outcome === 'wanted')
    throw new ConfigError('There is no administrator yet: set ADMIN_EMAIL and ADMIN_PASSWORD for the first one.');
  if (typeof outcome === 'object')
    throw new ConfigError(
      outcome.refused === 'email_taken'
        ? 'ADMIN_EMAIL belongs to an account that is there already, which is never promoted: set another address.'
        : `The first administrator cannot be made (${outcome.refused}): try again.`,
    );
};

/** The administrator that the settings name, or null. Only looked at while there is none. */
const namedAdmin = (config: CommandApiConfig): FirstAdmin | null => {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  if (!email || !password) return null;
  if (canonicalEmail(email) === null) throw new ConfigError('ADMIN_EMAIL must be an email address.');
  const faults = passwordFaults(password, config.PASSWORD_POLICY);
  if (faults.length > 0)
    throw new ConfigError(`ADMIN_PASSWORD ${faults.map(({ message }) => message).join(', and ')}.`);
  return { email, password };
};
