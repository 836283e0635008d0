import { parseArgs } from 'node:util';
import { momentOf, personOf } from './moment.ts';
import { printableJson } from './printable.ts';
import { linesOf, linesOfState } from './say-story.ts';
import { NOW, readStory, stepsUntil } from './story.ts';
import type { Subcommand } from './subcommand.ts';

const HELP = `Usage: audit replay --user <id> [--at <time|position>] [--json]

Prints what happened to a person, step by step, and who they were then. It reads the log itself, by the settings of the
services (EVENT_STORE_URL, DATABASE_URL, MASTER_KEY), or of the "npm start" that runs on DATA_DIR. It writes nothing.

  --user <id>   the person
  --at <moment> a time (2026-01-02T03:04:05Z) or a position as the API shows it; without it up to now
  --json        the same as JSON
  --help        this text

What was erased reads [erased]. Characters that would do something to a terminal are written as \\uXXXX.

Exit codes: 0 done, 1 there is or was nobody, 2 wrong usage, 78 wrong settings.`;

/** `audit replay`: the story of a person and what they were at a moment. */
export const replay: Subcommand = {
  summary: 'the story of a person, step by step, and who they were at a moment',
  help: HELP,
  run: async (words, terminal, env = process.env) => {
    const options = { user: { type: 'string' }, at: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...words], options });
    const id = personOf(values.user);
    const cut = values.at === undefined ? NOW : momentOf('--at', values.at);
    // Only here: whoever verifies an export has no database.
    const { withLog } = await import('./open-log.ts');
    return withLog(env, async (log) => {
      const story = await readStory(log, id);
      const state = (await story?.stateAt(cut)) ?? null;
      if (!story || !state) {
        terminal.error(story ? `${id} was not there yet.` : `There is nobody with the id ${id}.`);
        return 1;
      }
      const steps = stepsUntil(story.steps, cut);
      if (values.json) terminal.log(printableJson({ user: id, at: values.at ?? null, steps, state }));
      else {
        for (const step of steps) for (const line of linesOf(step)) terminal.log(line);
        terminal.log(`\n${id} ${values.at === undefined ? 'now' : `at ${values.at}`}:`);
        for (const line of linesOfState(state)) terminal.log(line);
      }
      return 0;
    });
  },
};
