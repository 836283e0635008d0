/** Where the lines go: `console`, or a test's own. */
type Terminal = Pick<Console, 'log' | 'error'>;

/** The words that ask any program of ours what it does. */
export const asksForHelp = (word: string | undefined): boolean =>
  word !== undefined && ['help', '--help', '-h'].includes(word);

/**
 * For a program that takes no words: the exit code where some stand behind it (0 for its help, 2 for anything else, with
 * a sentence and the help), null where it may run.
 */
export const answerWords = (words: readonly string[], help: string, terminal: Terminal = console): 0 | 2 | null => {
  const [first] = words;
  if (first === undefined) return null;
  if (asksForHelp(first)) {
    terminal.log(help);
    return 0;
  }
  terminal.error(`"${first}" is not understood: settings come from the environment.\n\n${help}`);
  return 2;
};
