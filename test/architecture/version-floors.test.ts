import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './planted-tree.ts';

// Below these, a known hole is open, or the behaviour that the code relies on is another one.
const floors: readonly [name: string, floor: string, sameMajor: boolean][] = [
  ['express', '5.3.0', true],
  ['proxy-addr', '2.0.8', false],
  ['nodemailer', '10.4.1', false],
  ['jsonwebtoken', '9.0.0', true],
  ['bcrypt', '6.0.0', true],
];

const numbers = (version: string): number[] => version.split('-')[0]!.split('.').map(Number);

const isBelow = (version: string, floor: string): boolean => {
  const at = numbers(version);
  const difference = numbers(floor).map((part, index) => at[index]! - part);
  return (difference.find((part) => part !== 0) ?? 0) < 0;
};

const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string }>;
};

const lockedVersions = (name: string): string[] =>
  Object.entries(lock.packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, { version }]) => version ?? '');

test.each(floors)('every locked copy of %s is at least %s', (name, floor, sameMajor) => {
  const versions = lockedVersions(name);
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter((version) => isBelow(version, floor))).toEqual([]);
  if (sameMajor) expect(versions.map((version) => numbers(version)[0])).toEqual(versions.map(() => numbers(floor)[0]));
});

test('the comparison tells older from newer', () => {
  expect(isBelow('5.2.9', '5.3.0')).toBe(true);
  expect(isBelow('5.3.0', '5.3.0')).toBe(false);
  expect(isBelow('10.0.0', '9.9.9')).toBe(false);
  expect(isBelow('2.0.7', '2.0.8')).toBe(true);
});
