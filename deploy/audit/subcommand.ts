/** Where the lines go: `console`, or a test's own. */
export type Terminal = Pick<Console, 'log' | 'error'>;

/** 0: done, or valid. 1: invalid, refused, or not found. 2: wrong usage. 78: wrong settings. */
export type ExitCode = 0 | 1 | 2 | 78;

/** One command of `audit`. */
export interface Subcommand {
  /** A line of `audit help`. */
  readonly summary: string;
  /** What `audit help <name>` and `audit <name> --help` say. */
  readonly help: string;
  /** Runs it with the words behind its name. Throws UsageError for words that it does not understand. */
  run(words: readonly string[], terminal: Terminal, env?: NodeJS.ProcessEnv): Promise<ExitCode>;
}

/** Words that a command does not understand: its message and the help are shown, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
