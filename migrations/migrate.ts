import { alone, apply, readApplied, refuseChangedHistory, revert, withClient } from './bookkeeping.ts';
import { readMigrations, type Migration } from './migration-files.ts';
import { runCommand } from './command-line.ts';

export type Direction = 'up' | 'down';

export interface MigrateOptions {
  /**
   * The last number that is applied afterwards. By default `up` goes to the newest and `down` takes back one; `down` to
   * 0 leaves nothing.
   */
  readonly to?: number;
  /** Where the files are; by default this folder. */
  readonly folder?: string;
}

/**
 * Brings the schema of a database to a version. Safe to run from several processes at once: one works, the others wait
 * and then find nothing to do. Each step is a transaction of its own.
 *
 * @returns the names of the steps that were taken, in order.
 * @throws MigrationRefused with one sentence when an applied file was edited, or a step fails.
 */
export async function migrate(
  databaseUrl: string,
  direction: Direction,
  options: MigrateOptions = {},
): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? import.meta.dirname);
  return withClient(databaseUrl, (client) =>
    alone(client, async () => {
      const applied = await readApplied(client);
      refuseChangedHistory(applied, migrations);
      const has = ({ number }: Migration): boolean => applied.some((row) => row.number === number);
      const steps =
        direction === 'up'
          ? migrations.filter((migration) => !has(migration) && migration.number <= (options.to ?? Infinity))
          : migrations
              .filter((migration) => has(migration) && migration.number > (options.to ?? applied.at(-2)?.number ?? 0))
              .reverse();
      for (const step of steps) await (direction === 'up' ? apply : revert)(client, step);
      if (direction === 'down' && steps.length === applied.length) await client.query('drop table public.migrations');
      return steps.map(({ name }) => name);
    }),
  );
}

if (import.meta.main) process.exitCode = await runCommand(process.argv.slice(2), process.env, migrate);
