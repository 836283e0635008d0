import { describe, expect, test } from '@jest/globals';
import { runDeadLetters as command } from '../../support/run-dead-letters.ts';

describe('The command for dead letters', () => {
  const NOBODY = '00000000-0000-4000-8000-000000000000';
  const DATABASE_URL = 'postgres://127.0.0.1:1/x';

  test('explains itself', async () => {
    for (const word of ['help', '--help', '-h'])
      expect(await command({}, word)).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^Usage: /) });
  });

  test.each([
    [[], 'Say what to do: list or redrive.'],
    [['remove'], 'Say what to do: list or redrive.'],
    [['list', 'redrive'], 'One command at a time.'],
    [['list', '--all'], 'list takes neither --id nor --all.'],
    [['redrive'], 'redrive takes either --id <event id> or --all.'],
    [['redrive', '--all', '--id', NOBODY], 'redrive takes either --id <event id> or --all.'],
    [['redrive', '--id='], 'redrive takes either --id <event id> or --all.'],
    [['list', '--loud'], "Unknown option '--loud'"],
  ])('refuses %j with exit code 2', async (words, sentence) => {
    const { code, out, err } = await command({ DATABASE_URL }, ...words);
    expect([code, out, err.slice(0, sentence.length)]).toEqual([2, '', sentence]);
    expect(err).toContain('Usage: ');
  });

  test('names a setting that is wrong, with exit code 78', async () => {
    expect(await command({}, 'list')).toMatchObject({ code: 78, err: expect.stringMatching(/^DATABASE_URL must be/) });
    const wrong = { DATABASE_URL, MESSAGE_FEED_URL: 'http://127.0.0.1' };
    expect(await command(wrong, 'list')).toMatchObject({ code: 78, err: expect.stringMatching(/^MESSAGE_FEED_URL/) });
  });

  test('says so when nobody answers, with exit code 1', async () => {
    for (const MESSAGE_FEED_URL of ['', 'kafka://127.0.0.1:1']) {
      const { code, err } = await command({ DATABASE_URL, MESSAGE_FEED_URL }, 'list');
      expect(code).toBe(1);
      expect(err).toMatch(/^The dead letters could not be looked after: .+/);
    }
  });
});
