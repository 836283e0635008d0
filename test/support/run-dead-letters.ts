import { deadLetters } from '../../mailer-worker/src/dead-letters/main.ts';

/** What `npm run dead-letters` printed, and how it ended. */
export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npm run dead-letters` with these words. */
export const runDeadLetters = async (env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Printed> => {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
  const code = await deadLetters(words, env, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
};
