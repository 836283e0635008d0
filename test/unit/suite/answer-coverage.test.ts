import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverageOf, seenAnswers } from '../../support/answer-coverage.ts';
import { ApiDocument } from '../../support/api-document.ts';

const answer = { description: 'An answer' };
const api = new ApiDocument({
  components: {},
  paths: {
    '/v1/users': {
      get: { operationId: 'listUsers', responses: { 200: answer, 401: answer, default: answer } },
      post: { operationId: 'registerUser', responses: { 201: answer } },
    },
  },
});
const all = ['listUsers 200', 'listUsers 401', 'registerUser 201'];
const seenWith = (...lines: readonly string[]) => coverageOf(api, new Set(lines));

describe('What the document says and the tests have got', () => {
  test('is the same where every status of every operation was answered', () => {
    const { operations, statuses, unseen, undocumented } = seenWith(...all);
    expect([operations, statuses]).toStrictEqual([['listUsers', 'registerUser'], all]);
    expect([unseen, undocumented]).toStrictEqual([[], []]);
  });

  test('names the status, or the operation, that no test has got', () => {
    expect(seenWith('listUsers 200', 'registerUser 201').unseen).toStrictEqual(['listUsers 401']);
    expect(seenWith('listUsers 200', 'listUsers 401').unseen).toStrictEqual(['registerUser 201']);
  });

  test('names an answer that no document speaks of; a fault is spoken of as any other status', () => {
    expect(seenWith(...all, 'listUsers 500', 'registerUser 500', 'listUsers 418').undocumented).toStrictEqual([
      'listUsers 418',
      'registerUser 500',
    ]);
  });

  test('is read from all files of the folder, and a folder that is not there has seen nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'answers-'));
    writeFileSync(join(folder, 'small-a.txt'), 'listUsers 200\nlistUsers 401\n');
    writeFileSync(join(folder, 'large-a.txt'), 'listUsers 200\n');
    expect([...seenAnswers(folder)]).toStrictEqual(['listUsers 200', 'listUsers 401']);
    rmSync(folder, { recursive: true });
    expect([...seenAnswers(folder)]).toStrictEqual([]);
  });
});
