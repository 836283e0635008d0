import { z } from 'zod';
import { settingsOf, type ServiceName } from '../deploy/standalone/service-settings.ts';
import { table } from './markdown.ts';
import { COMMAND_SETTINGS, PROCESS_SETTINGS, SERVICE_SETTINGS, type Declared } from './settings-readers.ts';

const HEAD = `# Configuration

<!-- Made by \`npm run docs -- configuration\` from the settings that each process declares. Change it there. -->

Every process reads its settings from the environment. An empty one counts as one that is not set. A missing or wrong one
ends the process with 78 and a sentence that names it, never its value. \`npm start\` and \`npm run start:large\` hand each
service the settings that it needs and no others; \`docker-compose.yml\` does the same out of \`.env\` (\`.env.example\`).

Keys and secrets: [operations](operations.md#keys).`;

interface Reading {
  readonly reader: string;
  /** What the text must be, in words. */
  readonly expected: string;
  /** Null: it must be set. Undefined: it may be left out. */
  readonly standard: string | null | undefined;
}

interface Told {
  readonly name: string;
  readonly says: string;
  readonly readings: readonly Reading[];
}

const metaOf = (schema: z.core.$ZodType) => z.globalRegistry.get(schema) ?? {};

const inWords = (value: unknown): string | undefined => {
  if (value instanceof Map) return undefined;
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
};

/** The declaration below `.default(…)` and `.optional()`, with what those say. */
const unwrapped = (
  schema: z.core.$ZodType,
): { readonly says: string | undefined; readonly standard: string | null | undefined; readonly expected: string } => {
  const said = metaOf(schema).description;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    const inner = unwrapped(schema.def.innerType);
    const standard = schema instanceof z.ZodDefault ? inWords(schema.def.defaultValue) : undefined;
    return { ...inner, standard, says: said ?? inner.says };
  }
  const expected = metaOf(schema)['expected'];
  if (typeof expected === 'string') return { says: said, standard: null, expected };
  const values = schema instanceof z.ZodEnum ? schema.options.map((value) => `\`${String(value)}\``).join(', ') : null;
  return { says: said, standard: null, expected: values === null ? 'text' : `one of ${values}` };
};

/**
 * Every setting that one of these reads, in the order of the alphabet; one that is described elsewhere needs no words of
 * its own. Throws where a setting has no words, or different ones.
 */
export const tell = (readers: Readonly<Record<string, Declared>>, known: readonly Told[] = []): readonly Told[] => {
  const names = [...new Set(Object.values(readers).flatMap((declared) => Object.keys(declared)))].toSorted();
  return names.map((name) => {
    const readings = Object.entries(readers).flatMap(([reader, declared]) =>
      declared[name] === undefined ? [] : [{ reader, ...unwrapped(declared[name]) }],
    );
    const words = new Set([...readings.map(({ says }) => says), known.find((told) => told.name === name)?.says]);
    words.delete(undefined);
    const [says, ...others] = words;
    if (says === undefined || others.length > 0)
      throw new Error(`${name} must be described (.describe) in one way, and is in ${words.size}`);
    return { name, says, readings };
  });
};

const SERVICES = Object.keys(SERVICE_SETTINGS) as ServiceName[];
const PROCESSES = tell({ ...SERVICE_SETTINGS, ...PROCESS_SETTINGS });
const commandLine = (name: string): string => `\`npm run ${name}\``;
const commands = Object.fromEntries(
  Object.entries(COMMAND_SETTINGS).map(([name, { reads }]) => [commandLine(name), reads]),
);
const OF_COMMANDS = tell(commands, PROCESSES);

const code = (text: string): string => `\`${text}\``;

const standardIn = ({ standard }: Reading): string =>
  standard === null ? '**must be set**' : standard === undefined ? 'may be left out' : code(standard);

/** One value where all readers agree, else each value with who has it. */
const perReader = (readings: readonly Reading[], say: (reading: Reading) => string): string => {
  const groups = Object.entries(Object.groupBy(readings, say));
  const [first] = groups;
  if (first && groups.length === 1) return first[0];
  return groups.map(([said, same]) => `${said} (${(same ?? []).map(({ reader }) => reader).join(', ')})`).join('; ');
};

const section = ({ name, says, readings }: Told): string =>
  [
    `### \`${name}\``,
    says,
    [
      `- Read by: ${readings.map(({ reader }) => reader).join(', ')}`,
      `- Must be: ${perReader(readings, ({ expected }) => expected.replaceAll('<', '\\<'))}`,
      `- Default: ${perReader(readings, standardIn)}`,
    ].join('\n'),
  ].join('\n\n');

const anchor = (name: string): string => `[\`${name}\`](#${name.toLowerCase()})`;

const overview = (): string =>
  table(
    ['setting', 'read by'],
    PROCESSES.map(({ name, readings }) => [anchor(name), readings.map(({ reader }) => reader).join(', ')]),
  );

const commandPart = (): string => {
  const own = OF_COMMANDS.filter(({ name }) => !PROCESSES.some((told) => told.name === name));
  const lines = Object.entries(COMMAND_SETTINGS).map(
    ([name, { reads, besideStart }]) =>
      `- ${commandLine(name)}: ${Object.keys(reads).map(anchor).join(', ')}${besideStart ? '; or those of a running `npm start`' : ''}`,
  );
  return [
    '## Commands',
    `\`--help\` of each says what it does. Some need no setting beside a running \`npm start\`, whose folder is \`DATA_DIR\`:
without \`DATABASE_URL\` they take database and keys from there.`,
    lines.join('\n'),
    ...own.map(section),
  ].join('\n\n');
};

/** What is handed to a service and declared by none. */
export const handedOnUnread = (): readonly string[] => {
  const all = new Proxy<NodeJS.ProcessEnv>({}, { get: () => 'something' });
  const handed = new Set(SERVICES.flatMap((service) => Object.keys(settingsOf(service, all))));
  return [...handed].filter((name) => !PROCESSES.some((told) => told.name === name)).toSorted();
};

const unreadPart = (): readonly string[] => {
  const names = handedOnUnread();
  return names.length === 0 ? [] : [`Handed on already, and read by nothing yet: ${names.map(code).join(', ')}.`];
};

/** `docs/configuration.md`: every setting, who reads it, what it must be and what it is where nobody sets it. */
export const configurationPage = (): string =>
  `${[HEAD, '## Processes', overview(), ...PROCESSES.map(section), ...unreadPart(), commandPart()].join('\n\n')}\n`;
