import { parseArgs } from 'node:util';
import { toInstant } from '@rollbook/shared/kernel/clock';
import type { DeadLetterPorts } from './dead-letter-ports.ts';
import { listDeadLetters, type ListedLetter } from './list-dead-letters.handle.ts';
import { redrive } from './redrive.handle.ts';

/** Where the lines go: `console`, or a test's own. */
export type Terminal = Pick<Console, 'log' | 'error'>;

export const HELP = `Usage: npm run dead-letters -- <command>

  list                     mails that were given up: event id, type, time of the event, when it was given up, reason
  redrive --id <event id>  let the mailer try the mails of this event again, with all attempts
  redrive --all            the same for all that are listed
  help                     this text

A mail whose link would no longer be valid, or whose request is closed, is not sent; the mailer records it as expired.
DATABASE_URL names the database, MESSAGE_FEED_URL the feed (by default tables in that database).
Exit codes: 0 done, 1 failed or no such dead letter, 2 wrong usage, 78 wrong settings.
`;

export type Command =
  { readonly do: 'help' } | { readonly do: 'list' } | { readonly do: 'redrive'; readonly id?: string };

/** What the words ask for, or the sentence that says what is wrong with them. */
export const readCommand = (words: readonly string[]): Command | string => {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { id: { type: 'string' }, all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (fault) {
    return (fault as Error).message;
  }
  const [command, ...rest] = parsed.positionals;
  const { id, all = false, help = false } = parsed.values;
  if (help || command === 'help') return { do: 'help' };
  if (rest.length > 0) return 'One command at a time.';
  if (command === 'list') return id === undefined && !all ? { do: 'list' } : 'list takes neither --id nor --all.';
  if (command !== 'redrive') return 'Say what to do: list or redrive.';
  if (all === (id !== undefined) || id === '') return 'redrive takes either --id <event id> or --all.';
  return { do: 'redrive', ...(id === undefined ? {} : { id: id.toLowerCase() }) };
};

const columns = ({ id, type, time, deadAt, reason }: ListedLetter): string =>
  [id, type, time, toInstant(deadAt), reason].map((value) => (value ?? '-').replace(/\p{Cc}+/gu, ' ')).join('\t');

/** Does it, prints what was done, and returns the exit code: 0 or 1. */
export async function obey(
  command: Exclude<Command, { readonly do: 'help' }>,
  ports: DeadLetterPorts,
  { log, error }: Terminal,
): Promise<number> {
  if (command.do === 'list') {
    const letters = await listDeadLetters(ports);
    if (letters.length === 0) log('No dead letters.');
    else log(['id\ttype\ttime\tgiven up\treason', ...letters.map(columns)].join('\n'));
    return 0;
  }
  const { id } = command;
  const { mails, found, others } = await redrive(ports, id === undefined ? 'all' : { id });
  if (mails === 0 && id !== undefined) {
    const now = [...others].map(([kind, state]) => `${kind} is ${state}`).join(', ');
    if (found === 0) error(`There is no dead letter with the id ${id}.`);
    else error(`Nothing of ${id} is dead any more: ${now === '' ? 'it is older than 30 days' : now}.`);
    return 1;
  }
  log(mails === 0 ? 'No dead letters.' : `The mailer tries again: ${String(mails)} ${mails === 1 ? 'mail' : 'mails'}.`);
  return 0;
}
