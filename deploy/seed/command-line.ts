import { parseArgs } from 'node:util';
import { MOST_USERS, type SeedWish } from './seed-command.ts';

export const HELP = `Usage: npm run seed -- --users <n> [options]

Writes made-up people into the event log, as the services would have: registrations over the last two years with their
claims, verifications, roles, changes, deactivations and sign-ins, sealed under each person's own key. Then waits until
the projector has brought them into the read models. About 6 events a person.

  --users <n>    how many people, 1 to ${MOST_USERS.toLocaleString('en')}
  --seed <n>     which people, from 1 (default 1): the same numbers make the same people
  --add          also where people are registered already; take a --seed that was not used there
  --continue     go on with an interrupted run of the same --users and --seed
  --no-wait      do not wait for the read models
  --production   also with NODE_ENV=production
  --help         this text

Everybody's password is "Seeded-Person-7". Nobody becomes an administrator. Addresses end in names that are kept for
examples, and no mail is sent. Registrations that nobody verified are up to 6 days old, and are expired as any other.

It needs a Rollbook that was started at least once, and a running projector to wait for: "npm start" (DATA_DIR names its
folder if it is another than .data), or the large profile. Without DATABASE_URL it takes the database and the keys of
the running "npm start"; else DATABASE_URL, EVENT_STORE_URL, MASTER_KEY, PASSWORD_PEPPER and DIGEST_KEY from the
environment. Stop it at any time: what is in the log is whole.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 written, but not in the read models, 78 wrong settings,
130 stopped.`;

/** What the words ask for, or the sentence that says what is wrong with them. */
export const readWords = (words: readonly string[]): SeedWish | 'help' | { readonly wrong: string } => {
  let values;
  try {
    const flag = { type: 'boolean' } as const;
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...words],
      options: {
        users: text,
        seed: text,
        add: flag,
        continue: flag,
        'no-wait': flag,
        production: flag,
        help: { ...flag, short: 'h' },
      },
    }));
  } catch (fault) {
    return { wrong: Error.isError(fault) ? fault.message : 'These words say nothing.' };
  }
  if (values.help) return 'help';
  const users = wholeNumber(values.users);
  if (users === null || users < 1 || users > MOST_USERS) return { wrong: '--users wants a number of people.' };
  const seed = wholeNumber(values.seed ?? '1');
  if (seed === null || seed < 1 || seed > 1_000_000) return { wrong: '--seed wants a number from 1 to 1,000,000.' };
  return {
    users,
    seed,
    mayAdd: values.add ?? false,
    goOn: values.continue ?? false,
    wait: !(values['no-wait'] ?? false),
    inProduction: values.production ?? false,
  };
};

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
