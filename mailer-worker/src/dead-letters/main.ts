import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';
import { readConfig } from '@rollbook/shared/process/config';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { createPool } from '@rollbook/shared/sql/pool';
import { MAILER_GROUP } from '../mailer-group.ts';
import { HELP, obey, readCommand, type Terminal } from './command-line.ts';
import { DeadLettersSettings } from './config.ts';
import { postgresDeadMails } from './postgres-dead-mails.ts';

const run = async (
  command: Parameters<typeof obey>[0],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> => {
  const { DATABASE_URL, MESSAGE_FEED_URL = DATABASE_URL } = readConfig(DeadLettersSettings, env);
  const applicationName = 'rollbook dead-letters';
  const clock = systemClock;
  const nothing = (): void => undefined;
  const feed = await connectMessageFeed({
    ...{ url: MESSAGE_FEED_URL, clock, applicationName },
    // Faults come back from what is asked; nothing is consumed here that could stall.
    onFault: nothing,
    onStalled: nothing,
  });
  const pool = createPool({ url: DATABASE_URL, applicationName, max: 1, onError: nothing });
  try {
    return await obey(command, { feed, mails: postgresDeadMails(pool), clock, group: MAILER_GROUP }, terminal);
  } finally {
    await Promise.all([feed.close(), pool.end()]);
  }
};

/** `npm run dead-letters`: lists and re-drives mails that were given up, and returns the exit code. */
export async function deadLetters(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal = console,
): Promise<number> {
  const command = readCommand(words);
  if (typeof command === 'string') {
    terminal.error(`${command}\n\n${HELP}`);
    return 2;
  }
  if (command.do === 'help') {
    terminal.log(HELP);
    return 0;
  }
  try {
    return await run(command, env, terminal);
  } catch (fault) {
    const reason = (fault as Error).message || String((fault as NodeJS.ErrnoException).code);
    terminal.error(fault instanceof ConfigError ? reason : `The dead letters could not be looked after: ${reason}`);
    return fault instanceof ConfigError ? 78 : 1;
  }
}

if (import.meta.main) process.exitCode = await deadLetters(process.argv.slice(2), process.env);
