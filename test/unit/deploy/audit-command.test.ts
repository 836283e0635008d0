import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { runAuditCommand } from '../../../deploy/audit/command-line.ts';
import { UsageError, type Subcommand } from '../../../deploy/audit/subcommand.ts';

const greet: Subcommand = {
  summary: 'say hello',
  help: 'Usage: audit greet <name>',
  run([name], terminal) {
    if (name === undefined) throw new UsageError('Say whom to greet.');
    if (name === 'nobody') throw new TypeError('a fault');
    terminal.log(`Hello ${name}`);
    return Promise.resolve(name === 'Mallory' ? 1 : 0);
  },
};

const run = async (...words: readonly string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
  const code = await runAuditCommand(words, terminal, { greet });
  return { code, out: out.join('\n'), err: err.join('\n') };
};

describe('The audit command', () => {
  test('runs the command that is named, with the words behind it, and ends as that ends', async () => {
    expect(await run('greet', 'Alice')).toStrictEqual({ code: 0, out: 'Hello Alice', err: '' });
    expect((await run('greet', 'Mallory')).code).toBe(1);
  });

  test('names its commands when asked for help, and says all about one', async () => {
    for (const words of [['help'], ['--help'], ['-h']]) {
      const { code, out, err } = await run(...words);
      expect([code, err]).toStrictEqual([0, '']);
      expect(out).toContain('say hello');
    }
    for (const words of [
      ['help', 'greet'],
      ['greet', '--help'],
      ['greet', 'Alice', '-h'],
    ])
      expect(await run(...words)).toStrictEqual({ code: 0, out: greet.help, err: '' });
  });

  test('ends with 2, and the help, for words that it does not understand', async () => {
    for (const words of [[], ['dance'], ['constructor'], ['help', 'dance'], ['greet']]) {
      const { code, out, err } = await run(...words);
      expect([code, out]).toStrictEqual([2, '']);
      expect(err).toContain('Usage: audit');
    }
  });

  test('passes a fault of a command on', () => expect(run('greet', 'nobody')).rejects.toThrow('a fault'));

  test('runs by npx, on whatever Node is first on the path', async () => {
    const ran = await promisify(execFile)('deploy/audit/audit.mjs', ['help', 'verify']);
    expect(ran.stdout).toContain('Usage: audit verify');
  });
});
