import { z } from 'zod';
import { ConfigError } from './start-error.ts';

export { ConfigError };

/** What a parser of one setting gives: the value, or why the text is refused (without the text itself). */
export type ParsedSetting<T> = { readonly value: T } | { readonly problem: string };

export type Setting<T> = z.ZodPipe<z.ZodString, z.ZodTransform<T, string>>;

/**
 * A setting that is read from text. `expected` completes the sentence "<NAME> must be …". Use `.optional()` and
 * `.default(value)` as usual, and `.describe(words)` last: docs/configuration.md shows them. An empty variable counts as
 * one that is not set.
 */
export function setting<T>(expected: string, parse: (text: string) => ParsedSetting<T>): Setting<T> {
  return z
    .string({ error: () => `must be ${expected}; it is not set` })
    .transform((text, context): T => {
      const parsed = parse(text);
      if ('value' in parsed) return parsed.value;
      context.addIssue({ code: 'custom', message: `must be ${expected}: ${parsed.problem}` });
      return z.NEVER;
    })
    .meta({ expected });
}

/**
 * The settings that `schema` asks for, from the environment. Throws ConfigError with one sentence per variable that
 * is missing or wrong. The sentences name the variable and what is expected, and never quote its value.
 */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const sentences = result.error.issues.map((issue) => [...issue.path.map(String), issue.message].join(' ') + '.');
  throw new ConfigError([...new Set(sentences)].join('\n'));
}
