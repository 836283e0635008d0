import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plant, type PlantedTree } from './planted-tree.ts';

// What is wrong, the compiler's code for it, and the text.
const planted: readonly [what: string, code: string, file: string, content: string][] = [
  ['syntax that does not vanish with the types', 'TS1294', 'enum.ts', 'export enum Colour {\n  Red,\n}\n'],
  [
    'a list entry taken for granted',
    'TS2322',
    'index-access.ts',
    'export const first = (words: string[]): string => words[0];\n',
  ],
  [
    'undefined for an optional property',
    'TS2375',
    'optional.ts',
    'export const made: { a?: number } = { a: undefined };\n',
  ],
  [
    'an override that does not say so',
    'TS4114',
    'override.ts',
    'class A {\n  go(): void {}\n}\nexport class B extends A {\n  go(): void {}\n}\n',
  ],
  ['a way out without an answer', 'TS7030', 'returns.ts', 'export function f(a: boolean) {\n  if (a) return 1;\n}\n'],
  ['a name without use', 'TS6133', 'unused.ts', 'const unused = 1;\nexport {};\n'],
  [
    'a fault that is trusted',
    'TS18046',
    'catch.ts',
    'export function f(): void {\n  try {\n    f();\n  } catch (fault) {\n    fault.message;\n  }\n}\n',
  ],
  [
    'a type imported like a value',
    'TS1484',
    'type-import.ts',
    "import { AddressInfo } from 'node:net';\nexport type A = AddressInfo;\n",
  ],
  [
    'a route that does not say who may call it',
    'TS2345',
    'no-permission.ts',
    "import { defineEndpoint } from '@rollbook/shared/http/endpoint';\n" +
      "const about = { summary: '', description: '', tag: 'Service', token: 'required', answers: {}, errors: [] } as const;\n" +
      'const handle = () => Promise.resolve({ status: 204 });\n' +
      "export const route = defineEndpoint({ ...about, operation: 'getMe', handle });\n",
  ],
];

let tree: PlantedTree;
let typed: string;
let formatted: { printed: string; code: number };

beforeAll(async () => {
  tree = await plant({
    ...Object.fromEntries(planted.map(([, , file, content]) => [`shared/src/${file}`, content])),
    'shared/src/ill-formatted.ts': 'export const  word = "double";\n',
    'shared/src/well-formatted.ts': "export const word = 'single';\n",
    'shared/src/permission.ts':
      "import { defineEndpoint } from '@rollbook/shared/http/endpoint';\n" +
      "const about = { summary: '', description: '', tag: 'Service', token: 'required', answers: {}, errors: [] } as const;\n" +
      "const permission = { who: 'signed-in' } as const;\n" +
      'const handle = () => Promise.resolve({ status: 204 });\n' +
      "export const route = defineEndpoint({ ...about, permission, operation: 'getMe', handle });\n",
  });
  typed = (await tree.run('tsc', ['--noEmit', '-p', 'tsconfig.json', '--pretty', 'false'])).printed;
  formatted = await tree.run('prettier', ['--list-different', 'shared']);
}, 60_000);
afterAll(() => tree.remove());

describe('types', () => {
  test.each(planted)('%s: refused', (_what, code, file) => {
    expect(typed).toMatch(new RegExp(`^shared/src/${file}\\(\\d+,\\d+\\): error ${code}:`, 'm'));
  });

  test('a file in order is left alone', () => {
    expect(typed).not.toContain('well-formatted');
    expect(typed).not.toContain('src/permission.ts');
  });
});

test('the format check names exactly the file that is not formatted, and fails', () => {
  const files = formatted.printed.trim().split('\n');
  expect(files).toContain('shared/src/ill-formatted.ts');
  expect(files).not.toContain('shared/src/well-formatted.ts');
  expect(formatted.code).toBe(1);
});
