import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plant, root, type PlantedTree } from './planted-tree.ts';

interface Linted {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

const line = (code: string): string => `${code}\n`;

// What is wrong, the rule that must say so, the file, and its text.
const planted: readonly [what: string, rule: string, file: string, content: string][] = [
  [
    'a fault is told by its realm',
    'no-restricted-syntax',
    'shared/src/http/a.ts',
    line('export const isFault = (value: unknown): boolean => value instanceof Error;'),
  ],
  [
    'a handler reads the clock',
    'no-restricted-syntax',
    'command-api/src/x/a.handle.ts',
    line('export const now = (): number => Date.now();'),
  ],
  [
    'a handler makes a date of now',
    'no-restricted-syntax',
    'command-api/src/x/b.handle.ts',
    line('export const now = (): Date => new Date();'),
  ],
  [
    'a projector draws a number',
    'no-restricted-syntax',
    'projector/src/x/a.ts',
    line('export const draw = (): number => Math.random();'),
  ],
  [
    'a handler makes an id',
    'no-restricted-syntax',
    'query-api/src/x/a.ts',
    line(`import { randomUUID } from 'node:crypto';\nexport const id = (): string => randomUUID();`),
  ],
  [
    'a handler knows a role by its name',
    'no-restricted-syntax',
    'command-api/src/x/c.handle.ts',
    line(`export const may = (caller: { role: string }): boolean => caller.role === 'admin';`),
  ],
  [
    'a service prints',
    'no-console',
    'mailer-worker/src/x/a.ts',
    line(`export const shout = (): void => {\n  console.log('!');\n};`),
  ],
  ['a drawer', 'house/file-name', 'shared/src/http/utils.ts', line('export const odds = 1;')],
  ['a drawer of a folder', 'house/file-name', 'shared/src/helpers/odds.ts', line('export const odds = 1;')],
  ['a barrel', 'house/file-name', 'shared/src/http/index.ts', line(`export * from './a.ts';`)],
  ['a file of types', 'house/file-name', 'shared/src/http/types.ts', line('export type Odd = 1;')],
  ['a numbered test', 'house/file-name', 'test/unit/users-2.test.ts', line('export const odds = 1;')],
  ['a file beyond 300 lines', 'max-lines', 'shared/src/http/long.ts', line('// a line').repeat(301)],
  [
    'a promise nobody waits for',
    '@typescript-eslint/no-floating-promises',
    'shared/src/http/b.ts',
    line('export const forget = (work: () => Promise<void>): void => {\n  work();\n};'),
  ],
  [
    'a forgotten case',
    '@typescript-eslint/switch-exhaustiveness-check',
    'shared/src/http/c.ts',
    line(
      `export const count = (word: 'one' | 'two'): number => {\n  switch (word) {\n    case 'one':\n      return 1;\n  }\n  return 2;\n};`,
    ),
  ],
  [
    'any',
    '@typescript-eslint/no-explicit-any',
    'shared/src/http/d.ts',
    line('export const loose = (value: any): boolean => value === 1;'),
  ],
  [
    'a comparison that converts',
    'eqeqeq',
    'shared/src/http/e.ts',
    line('export const same = (a: unknown, b: unknown): boolean => a == b;'),
  ],
];

// The same deeds where they are right.
const innocent: Readonly<Record<string, string>> = {
  'shared/src/kernel/system-clock.ts': line('export const now = (): number => Date.now();'),
  'command-api/src/main.ts': line(
    `import { randomUUID } from 'node:crypto';\nexport const id = (): string => randomUUID();`,
  ),
  'deploy/standalone/say.ts': line(`export const say = (): void => {\n  console.log('hello');\n};`),
  'test/unit/users.test.ts': line('export const draw = (): number => Math.random();'),
};

let tree: PlantedTree;
let linted: Linted[];

const rulesBrokenIn = (file: string): (string | null)[] => {
  const found = linted.find(({ filePath }) => filePath.endsWith(`/${file}`));
  if (found === undefined) throw new Error(`${file} was not linted`);
  return found.messages.map(({ ruleId }) => ruleId);
};

beforeAll(async () => {
  tree = await plant({ ...innocent, ...Object.fromEntries(planted.map(([, , file, content]) => [file, content])) });
  const { printed } = await tree.run('eslint', ['--config', join(root, 'eslint.config.mjs'), '--format', 'json', '.']);
  linted = JSON.parse(printed) as Linted[];
}, 60_000);
afterAll(() => tree.remove());

test.each(planted)('%s: refused', (_what, rule, file) => {
  expect(new Set(rulesBrokenIn(file))).toEqual(new Set([rule]));
});

test.each(Object.keys(innocent))('the same deed where it is right is left alone: %s', (file) => {
  expect(rulesBrokenIn(file)).toEqual([]);
});
