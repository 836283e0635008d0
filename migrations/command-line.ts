import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '@rollbook/shared/process/config';
import { DATABASE_URL } from '@rollbook/shared/process/shared-settings';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { z } from 'zod';
import { MigrationRefused } from './migration-files.ts';
import { withClient } from './bookkeeping.ts';
import { readSchema } from './schema-snapshot.ts';

const HELP = `Usage: npm run migrate -- <command>          (DATABASE_URL names the database)

  up [--to N]     apply what is missing, up to number N or the newest
  down [--to N]   take back the newest one, or all above number N (0: everything, and all data with it)
  snapshot        write the schema of the database to migrations/schema.snapshot.sql
  help            this text

Exit codes: 0 done (also when there was nothing to do), 1 failed or refused, 2 wrong usage, 78 wrong settings.
`;

export const MigrateSettings = z.object({ DATABASE_URL });

/** Where the lines go: `console`, or a test's own. */
type Terminal = Pick<Console, 'log' | 'error'>;

// Handed in, because `migrate.ts` is where the command starts.
type Migrate = (databaseUrl: string, direction: 'up' | 'down', options: { to?: number }) => Promise<string[]>;

async function obey(
  run: Migrate,
  say: Terminal['log'],
  command: string,
  url: string,
  to: number | undefined,
): Promise<void> {
  if (command === 'snapshot') {
    const file = join(import.meta.dirname, 'schema.snapshot.sql');
    await writeFile(file, await withClient(url, readSchema));
    say(`wrote ${file}`);
    return;
  }
  const steps = await run(url, command === 'up' ? 'up' : 'down', to === undefined ? {} : { to });
  for (const step of steps) say(`${command === 'up' ? 'applied' : 'took back'} ${step}`);
  if (steps.length === 0) say('nothing to do');
}

/** `npm run migrate`: reads the words after it, prints what was done, and returns the exit code. */
export async function runCommand(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  run: Migrate,
  terminal: Terminal = console,
): Promise<number> {
  const usage = (sentence: string): number => {
    terminal.error(`${sentence}\n\n${HELP}`);
    return 2;
  };
  let parsed;
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { to: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (fault) {
    return usage((fault as Error).message);
  }
  const [command = '', ...rest] = parsed.positionals;
  const { to, help } = parsed.values;
  if (help === true || command === 'help') {
    terminal.log(HELP);
    return 0;
  }
  if (!['up', 'down', 'snapshot'].includes(command) || rest.length > 0)
    return usage('Say what to do: up, down or snapshot.');
  if (to !== undefined && (command === 'snapshot' || !/^\d{1,4}$/.test(to)))
    return usage('--to takes the number of a migration, with up or down.');
  try {
    const { DATABASE_URL: url } = readConfig(MigrateSettings, env);
    await obey(run, (line) => terminal.log(line), command, url, to === undefined ? undefined : Number(to));
    return 0;
  } catch (fault) {
    if (fault instanceof ConfigError) {
      terminal.error(fault.message);
      return fault.exitCode;
    }
    // Only these are sentences of our own; others come from the network or from PostgreSQL.
    const reason = (fault as Error).message || String((fault as NodeJS.ErrnoException).code);
    terminal.error(fault instanceof MigrationRefused ? reason : `The database could not be migrated: ${reason}`);
    return 1;
  }
}
