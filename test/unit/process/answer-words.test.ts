import { describe, expect, test } from '@jest/globals';
import { answerWords } from '@rollbook/shared/process/answer-words';

const answer = (...words: readonly string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
  return { code: answerWords(words, 'Usage: x', terminal), out, err };
};

describe('A program that takes no words', () => {
  test('runs where there are none', () => {
    expect(answer()).toStrictEqual({ code: null, out: [], err: [] });
  });

  test.each(['help', '--help', '-h'])('explains itself by %s', (word) => {
    expect(answer(word)).toStrictEqual({ code: 0, out: ['Usage: x'], err: [] });
  });

  test.each(['--port=8000', 'now', '--'])('refuses %s, with a sentence and its help, and does not run', (word) => {
    const sentence = `"${word}" is not understood: settings come from the environment.`;
    expect(answer(word)).toStrictEqual({ code: 2, out: [], err: [`${sentence}\n\nUsage: x`] });
  });
});
