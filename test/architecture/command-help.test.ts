import { afterAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './planted-tree.ts';

interface Ended {
  readonly code: unknown;
  readonly said: string;
  readonly complained: string;
}

/** Time for one program on a busy machine, ms. */
const PATIENCE = 60_000;

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
// What others wrote (jest, eslint, …) has a help of its own.
const ours = Object.entries(scripts).flatMap(([name, line]) => {
  const [, program = '', words = ''] = / ((?!node_modules)[\w/.-]+\.ts)(.*)$/.exec(line) ?? [];
  return program === '' ? [] : [{ name, command: [program, ...words.split(' ').filter((word) => word !== '')] }];
});

/** Functions that read the words of several programs: what they refuse is seen at one of these. */
const SHARED_READERS = [/\b(?:answerWords|runService)\(/, /\boptionsOf\(/];
const readerOf = ([program = '']: readonly string[]): RegExp | undefined => {
  const source = readFileSync(join(root, program), 'utf8');
  return SHARED_READERS.find((reader) => reader.test(source));
};
const refusing = ours.filter(({ command }, at) => {
  const reader = readerOf(command);
  return reader === undefined || ours.findIndex((other) => readerOf(other.command) === reader) === at;
});

// Whatever a program would do by mistake, it does not do it to what lies here.
const dataDir = mkdtempSync(join(tmpdir(), 'rollbook-help-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const run = (command: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const args = ['--disable-warning=ExperimentalWarning', ...command];
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir };
    const child = execFile(process.execPath, args, { cwd: root, env, timeout: PATIENCE }, (_fault, stdout, stderr) => {
      done({ code: child.exitCode, said: stdout, complained: stderr });
    });
  });

describe('Every command of package.json that is a program of ours', () => {
  test('is found here', () => {
    expect(ours.length).toBeGreaterThan(15);
    expect(ours.map(({ name }) => name)).toEqual(expect.arrayContaining(['start', 'test', 'docs', 'keys']));
  });

  test.each(ours)(
    'npm run $name says by --help what it does and how it ends',
    async ({ command }) => {
      const help = await run([...command, '--help']);
      expect(help).toMatchObject({ code: 0, complained: '' });
      expect(help.said).toMatch(/^Usage: /);
      expect(help.said).toMatch(/exit codes: 0/i);
    },
    PATIENCE,
  );

  test.each(refusing)(
    'npm run $name refuses an option that it does not know, and shows its help',
    async ({ command }) => {
      const unknown = await run([...command, '--no-such-option']);
      expect(unknown).toMatchObject({ code: 2, said: '' });
      expect(unknown.complained).toMatch(/^Usage: /m);
      expect(unknown.complained).toMatch(/exit codes: 0/i);
    },
    PATIENCE,
  );

  test('shares the reading of its words with others, or was asked itself', () => {
    expect(
      SHARED_READERS.map((reader) => refusing.filter(({ command }) => readerOf(command) === reader).length),
    ).toEqual(SHARED_READERS.map(() => 1));
  });
});
