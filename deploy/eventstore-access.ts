import { allowReadingAll, userOf } from '@rollbook/shared/event-log/eventstoredb/read-access';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { answerWords } from '@rollbook/shared/process/answer-words';
import { readConfig } from '@rollbook/shared/process/config';
import { urlOf } from '@rollbook/shared/process/settings';
import { NODE_ENV } from '@rollbook/shared/process/shared-settings';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { z } from 'zod';

const HELP = `Usage: npm run eventstore:access

Lets the user of EVENT_STORE_URL read the whole log ($all) of an EventStoreDB with users, which followers need. May run
again at any time.

  EVENT_STORE_URL        esdb://name:password@…: as the services have it
  EVENT_STORE_ADMIN_URL  the same server, with an administrator's name and password

All settings: docs/configuration.md. Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong settings.`;

export const EventStoreAccessSettings = z.object({
  NODE_ENV,
  /** The services' own, whose user is to read the log. */
  EVENT_STORE_URL: urlOf('esdb', 'esdb+discover'),
  EVENT_STORE_ADMIN_URL: urlOf('esdb', 'esdb+discover').describe(
    "The event store with an administrator's name and password; needed for this alone.",
  ),
});

/**
 * `node deploy/eventstore-access.ts`: lets the user of EVENT_STORE_URL read `$all` on a server with users; may run again
 * at any time. Returns the exit code: 0 done, 78 wrong settings, 1 anything else.
 */
export const allowAccessFrom = async (
  env: NodeJS.ProcessEnv,
  terminal: Pick<Console, 'log' | 'error'> = console,
): Promise<number> => {
  try {
    const {
      NODE_ENV: nodeEnv,
      EVENT_STORE_URL,
      EVENT_STORE_ADMIN_URL: adminUrl,
    } = readConfig(EventStoreAccessSettings, env);
    const user = userOf(EVENT_STORE_URL, nodeEnv);
    const isNew = await allowReadingAll({ adminUrl, user, clock: systemClock, nodeEnv });
    terminal.log(isNew ? `${user} may read the whole log now.` : `${user} may read the whole log already.`);
    return 0;
  } catch (fault) {
    const reason = Error.isError(fault) ? fault.message || fault.name : String(fault);
    terminal.error(fault instanceof ConfigError ? reason : `The right to read was not given: ${reason}`);
    return fault instanceof ConfigError ? 78 : 1;
  }
};

if (import.meta.main)
  process.exitCode = answerWords(process.argv.slice(2), HELP) ?? (await allowAccessFrom(process.env));
