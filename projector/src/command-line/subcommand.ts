import type { ParseArgsConfig } from 'node:util';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { Pool } from '@rollbook/shared/sql/pool';

/** Where the lines go: `console`, or a test's own. */
export type Terminal = Pick<Console, 'log' | 'error'>;

/**
 * What a subcommand works with. Each part is opened when it is first asked for, so that nobody needs a setting that their
 * subcommand has no use for; the dispatcher closes them. Asking throws ConfigError for a missing or wrong setting.
 */
export interface CommandParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** DATABASE_URL itself, for a lock that needs a connection of its own. */
  readonly databaseUrl: () => string;
  readonly pool: () => Pool;
  readonly store: () => Promise<EventStore>;
  readonly keys: () => KeyRing;
}

/** What the words after a subcommand's name said, as `parseArgs` reads them. */
export interface Words {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** One word of `npm run projections -- <word>`. */
export interface Subcommand {
  readonly name: string;
  /** Its lines in the help, each with two spaces before it. */
  readonly help: string;
  readonly options: Exclude<ParseArgsConfig['options'], undefined>;
  /** What to do; or, where the words are wrong, the sentence that says so. Touches nothing yet. */
  read(words: Words): ((parts: CommandParts) => Promise<number>) | string;
}
