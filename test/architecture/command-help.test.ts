import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

const run = (command: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const args = ['--disable-warning=ExperimentalWarning', ...command];
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
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
    'npm run $name says by --help what it does and how it ends, and refuses an option that it does not know',
    async ({ command }) => {
      const [help, unknown] = await Promise.all([run([...command, '--help']), run([...command, '--no-such-option'])]);
      expect(help).toMatchObject({ code: 0, complained: '' });
      expect(help.said).toMatch(/^Usage: /);
      expect(help.said).toMatch(/exit codes: 0/i);
      expect(unknown).toMatchObject({ code: 2, said: '' });
      expect(unknown.complained).toContain(help.said.trim());
    },
    2 * PATIENCE,
  );
});
