import { asksForHelp } from '@rollbook/shared/process/answer-words';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { withRunning } from './running-settings.ts';

// `npm run projections` and `npm run dead-letters`: the services' own commands, and beside an `npm start` without any
// setting, too.

type Command = (
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Console,
  signal: AbortSignal,
) => Promise<number>;

// Each loads only what it needs.
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  projections: async () => (await import('../../projector/src/command-line/main.ts')).projections,
  'dead-letters': async () => (await import('../../mailer-worker/src/dead-letters/main.ts')).deadLetters,
};

/** Runs the command that the first word names, with the settings of the `npm start` on `DATA_DIR` where none are given. */
const operate = async ([name = '', ...words]: readonly string[]): Promise<number> => {
  const load = COMMANDS[name];
  if (load === undefined) throw new Error(`There is no command ${name}`);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const command = await load();
  try {
    // What the command refuses, or answers by its help, needs no settings.
    const asksForNothing = (words[0] ?? '-').startsWith('-') || words.some(asksForHelp);
    const env = asksForNothing ? process.env : await withRunning(process.env);
    return await command(words, env, console, stopping.signal);
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault;
    console.error(fault.message);
    return 78;
  }
};

process.exitCode = await operate(process.argv.slice(2));
