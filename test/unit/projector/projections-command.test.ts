import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { dispatch } from '../../../projector/src/command-line/dispatch.ts';
import { projections } from '../../../projector/src/command-line/main.ts';
import type { CommandParts, Subcommand } from '../../../projector/src/command-line/subcommand.ts';

const terminal = () => {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out: () => out.join('\n'),
    err: () => err.join('\n'),
    log: (line: string) => void out.push(line),
    error: (line: string) => void err.push(line),
  };
};

/** Counts what it is asked to do, and ends as it is told to. */
const paint = (end: () => Promise<number>) => {
  const done: unknown[] = [];
  const subcommand: Subcommand = {
    name: 'paint',
    help: '  paint <wall>    paints',
    options: { twice: { type: 'boolean' } },
    read: ({ positionals: [wall], values }) =>
      wall === undefined
        ? 'Name a wall.'
        : () => {
            done.push({ wall, twice: values['twice'] ?? false });
            return end();
          },
  };
  return { done, subcommand };
};

const run = async (words: readonly string[], end = () => Promise.resolve(0)) => {
  const { done, subcommand } = paint(end);
  const lines = terminal();
  let opened = 0;
  let closed = 0;
  const code = await dispatch(words, [subcommand], lines, () => {
    opened += 1;
    return {
      parts: {} as CommandParts,
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    };
  });
  return { code, done, out: lines.out(), err: lines.err(), opened, closed };
};

describe('npm run projections', () => {
  it('hands the words to the subcommand, gives its exit code, and closes what it opened', async () => {
    expect(await run(['paint', 'north', '--twice'], () => Promise.resolve(1))).toEqual({
      code: 1,
      done: [{ wall: 'north', twice: true }],
      out: '',
      err: '',
      opened: 1,
      closed: 1,
    });
  });

  it.each([[['help']], [['--help']], [['-h']], [['paint', '--help']]])('explains itself on %j', async (words) => {
    const { code, out, opened } = await run(words);
    expect({ code, opened }).toEqual({ code: 0, opened: 0 });
    expect(out).toContain('  paint <wall>    paints');
  });

  it.each([
    [[], 'Say what to do: paint.'],
    [['sand'], 'Say what to do: paint.'],
    [['paint'], 'Name a wall.'],
    [['paint', 'north', '--thrice'], "Unknown option '--thrice'"],
  ])('says what is wrong with %j, touches nothing and ends with 2', async (words, sentence) => {
    const { code, err, opened } = await run(words);
    expect({ code, opened }).toEqual({ code: 2, opened: 0 });
    expect(err).toContain(sentence);
    expect(err).toContain('Usage: npm run projections');
  });

  it('says why it could not be done, without a stack, and ends with 1; with 78 where a setting is to blame', async () => {
    const failed = await run(['paint', 'north'], () => Promise.reject(new Error('no paint')));
    expect(failed).toMatchObject({ code: 1, err: 'It could not be done: no paint', closed: 1 });
    const misconfigured = await run(['paint', 'north'], () => Promise.reject(new ConfigError('BRUSH must be set.')));
    expect(misconfigured).toMatchObject({ code: 78, err: 'BRUSH must be set.', closed: 1 });
  });

  it('asks for the settings that a subcommand needs, and only when it is run', async () => {
    const lines = terminal();
    expect(await projections(['list'], {}, lines)).toBe(78);
    expect(lines.err()).toContain('DATABASE_URL must be');
    expect(await projections(['help'], {}, lines)).toBe(0);
  });
});
