import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { ConfigError } from '@rollbook/shared/process/config';
import { diff } from './diff.ts';
import { replay } from './replay.ts';
import { UsageError, type ExitCode, type Subcommand, type Terminal } from './subcommand.ts';
import { verify } from './verify.ts';

/** Every command of `audit`. A new one is a file of its own and a line here. */
const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = { verify, replay, diff };

const helpOf = (
  commands: Readonly<Record<string, Subcommand>>,
): string => `Usage: audit <command>          (npx audit, or npm run audit --)

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}
  help      this text; "help <command>" or "<command> --help": all about one command

Exit codes: 0 done or valid, 1 invalid, refused or not found, 2 wrong usage, 78 wrong settings.`;

/** `audit …`: reads the words after it, runs the command, and returns the exit code. */
export const runAuditCommand = async (
  words: readonly string[],
  terminal: Terminal,
  commands: Readonly<Record<string, Subcommand>> = SUBCOMMANDS,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> => {
  const help = helpOf(commands);
  const [first, ...rest] = words;
  const asksForHelp = first === 'help' || first === '--help' || first === '-h';
  const name = asksForHelp ? rest[0] : first;
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name === undefined) {
    (asksForHelp ? terminal.log : terminal.error)(help);
    return asksForHelp ? 0 : 2;
  }
  if (command === undefined) {
    terminal.error(`There is no command "${name}".\n\n${help}`);
    return 2;
  }
  if (asksForHelp || rest.includes('--help') || rest.includes('-h')) {
    terminal.log(command.help);
    return 0;
  }
  try {
    return await command.run(rest, terminal, env);
  } catch (fault) {
    if (fault instanceof ConfigError) {
      terminal.error(fault.message);
      return 78;
    }
    if (fault instanceof StoreUnavailable) {
      terminal.error('The log cannot be reached. Is it running?');
      return 1;
    }
    // parseArgs throws a TypeError with a code of its own.
    const isUsage = fault instanceof UsageError || (Error.isError(fault) && codeOf(fault).startsWith('ERR_PARSE_ARGS'));
    if (!isUsage) throw fault;
    terminal.error(`${fault.message}\n\n${command.help}`);
    return 2;
  }
};

const codeOf = (fault: Error): string => ('code' in fault && typeof fault.code === 'string' ? fault.code : '');
