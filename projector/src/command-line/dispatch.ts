import { parseArgs } from 'node:util';
import { ConfigError } from '@rollbook/shared/process/start-error';
import type { CommandParts, Subcommand, Terminal } from './subcommand.ts';

const helpOf = (subcommands: readonly Subcommand[]): string =>
  `Usage: npm run projections -- <command>

${subcommands.map(({ help }) => help).join('\n')}
  help                     this text

DATABASE_URL, EVENT_STORE_URL (by default tables in that database) and MASTER_KEY are the projector's own; without
DATABASE_URL those of the "npm start" that runs on DATA_DIR.
Exit codes: 0 done, 1 failed or there is no such thing, 2 wrong usage, 78 wrong settings.
`;

/** The work that the words ask for; a number is the exit code where they ask for none. */
const readWords = (
  words: readonly string[],
  subcommands: readonly Subcommand[],
  terminal: Terminal,
): ((parts: CommandParts) => Promise<number>) | number => {
  const wrong = (sentence: string): number => {
    terminal.error(`${sentence}\n\n${helpOf(subcommands)}`);
    return 2;
  };
  const help = (): number => {
    terminal.log(helpOf(subcommands));
    return 0;
  };
  const [name = '', ...rest] = words;
  if (['help', '--help', '-h'].includes(name)) return help();
  const subcommand = subcommands.find((one) => one.name === name);
  if (!subcommand) return wrong(`Say what to do: ${subcommands.map((one) => one.name).join(', ')}.`);
  let parsed;
  try {
    parsed = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { ...subcommand.options, help: { type: 'boolean', short: 'h' } },
    });
  } catch (fault) {
    return wrong((fault as Error).message);
  }
  if (parsed.values['help'] === true) return help();
  const work = subcommand.read({
    positionals: parsed.positionals,
    values: parsed.values,
  });
  return typeof work === 'string' ? wrong(work) : work;
};

/**
 * `npm run projections`: finds the subcommand, runs it and gives the exit code. `open` is called only when there is
 * something to do, and `close` in any case after that.
 */
export const dispatch = async (
  words: readonly string[],
  subcommands: readonly Subcommand[],
  terminal: Terminal,
  open: () => { readonly parts: CommandParts; readonly close: () => Promise<void> },
): Promise<number> => {
  const work = readWords(words, subcommands, terminal);
  if (typeof work === 'number') return work;
  const { parts, close } = open();
  try {
    return await work(parts);
  } catch (fault) {
    const reason = (fault as Error).message || String((fault as NodeJS.ErrnoException).code);
    terminal.error(fault instanceof ConfigError ? reason : `It could not be done: ${reason}`);
    return fault instanceof ConfigError ? 78 : 1;
  } finally {
    await close();
  }
};
