import { parseArgs } from 'node:util';
import { momentOf, personOf } from './moment.ts';
import { inWords, printableJson } from './printable.ts';
import { linesOf } from './say-story.ts';
import { NOW, readStory, stepsUntil } from './story.ts';
import { UsageError, type Subcommand } from './subcommand.ts';

const HELP = `Usage: audit diff --user <id> --from <time|position> [--to <time|position>] [--json]

Prints what a person was at two moments, as far as it differs, and the steps between. It reads the log itself, by the
settings of the services (EVENT_STORE_URL, DATABASE_URL, MASTER_KEY), or of the "npm start" that runs on DATA_DIR.

  --user <id>     the person
  --from <moment> a time (2026-01-02T03:04:05Z) or a position as the API shows it
  --to <moment>   the later moment; without it now
  --json          the same as JSON
  --help          this text

What was erased reads [erased], or null. Characters that would do something to a terminal are written as \\uXXXX.

Exit codes: 0 done (also where nothing differs), 1 there is or was nobody, 2 wrong usage, 78 wrong settings.`;

/** `audit diff`: what changed in a person between two moments. */
export const diff: Subcommand = {
  summary: 'what changed in a person between two moments',
  help: HELP,
  run: async (words, terminal, env = process.env) => {
    const text = { type: 'string' } as const;
    const options = { user: text, from: text, to: text, json: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...words], options });
    const id = personOf(values.user);
    if (values.from === undefined) throw new UsageError('--from is missing.');
    const [from, to] = [momentOf('--from', values.from), values.to === undefined ? NOW : momentOf('--to', values.to)];
    // Only here: whoever verifies an export has no database.
    const { withLog } = await import('./open-log.ts');
    return withLog(env, async (log) => {
      const story = await readStory(log, id);
      const [before, after] = [(await story?.stateAt(from)) ?? null, (await story?.stateAt(to)) ?? null];
      if (!story || (before === null && after === null)) {
        terminal.error(story ? `${id} was not there yet.` : `There is nobody with the id ${id}.`);
        return 1;
      }
      const earlier = new Set(stepsUntil(story.steps, from).map((step) => step.id));
      const steps = stepsUntil(story.steps, to).filter((step) => !earlier.has(step.id));
      const fields = Object.keys(after ?? before ?? {}) as (keyof NonNullable<typeof after>)[];
      const differences = fields
        .map((field) => ({ field, before: before?.[field] ?? null, after: after?.[field] ?? null }))
        .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after));
      if (values.json)
        terminal.log(printableJson({ user: id, from: values.from, to: values.to ?? null, differences, steps }));
      else {
        for (const one of differences) terminal.log(`${one.field}: ${inWords(one.before)} -> ${inWords(one.after)}`);
        terminal.log(`\n${String(steps.length)} ${steps.length === 1 ? 'step' : 'steps'} between:`);
        for (const step of steps) for (const line of linesOf(step)) terminal.log(line);
      }
      return 0;
    });
  },
};
