import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { ConfigError, StartError } from '@rollbook/shared/process/start-error';
import { HELP, readWords } from './command-line.ts';
import { seed } from './seed-command.ts';

/** `npm run seed`: reads the words after it, prints what is done, and returns the exit code. */
export const runSeedCommand = async (
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  terminal: Pick<Console, 'log' | 'error'> = console,
): Promise<number> => {
  const wish = readWords(words);
  if (wish === 'help') {
    terminal.log(HELP);
    return 0;
  }
  if ('wrong' in wish) {
    terminal.error(`${wish.wrong}\n\n${HELP}`);
    return 2;
  }
  try {
    const say = (line: string): void => {
      terminal.log(line);
    };
    return await seed(wish, env, { clock: systemClock, random: systemRandom, say, signal });
  } catch (fault) {
    if (fault instanceof ConfigError || fault instanceof StartError) {
      terminal.error(fault.message);
      return fault instanceof ConfigError ? 78 : 1;
    }
    const reason = Error.isError(fault) ? fault.message : String(fault);
    terminal.error(`It failed: ${reason}. What is in the log is whole; the same with --continue goes on.`);
    return 1;
  }
};

if (import.meta.main) {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      stopping.abort();
    });
  process.exitCode = await runSeedCommand(process.argv.slice(2), process.env, stopping.signal);
}
