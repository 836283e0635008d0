import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { countScenarios, runCheck } from '../../support/run-check.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rollbook-check-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const node = (code: string): string[] => [process.execPath, '-e', code];

test('a program that ends well is one passed test, and its lines are not repeated', async () => {
  const outcome = await runCheck({ name: 'x', cwd, command: node(`console.log('fine')`) });
  expect(outcome).toMatchObject({ passed: 1, failed: 0, output: '' });
});

test('a program that ends ill is one failed test, and its lines are shown', async () => {
  const outcome = await runCheck({ name: 'x', cwd, command: node(`console.error('bad'); process.exit(3)`) });
  expect(outcome).toMatchObject({ passed: 0, failed: 1, output: 'bad' });
});

test('a program that cannot be started is a failed test', async () => {
  expect(await runCheck({ name: 'x', cwd, command: [join(cwd, 'none')] })).toMatchObject({ passed: 0, failed: 1 });
});

const jest = {
  numPassedTests: 7,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 2,
  numTodoTests: 0,
};

test('a report is counted as it stands', async () => {
  const file = join(cwd, 'report.json');
  await writeFile(file, JSON.stringify(jest));
  const report = { kind: 'jest', file } as const;
  const outcome = await runCheck({ name: 'x', cwd, command: node(''), report });
  expect(outcome).toMatchObject({ passed: 7, failed: 0, skipped: 2 });
});

test('a test file that could not be loaded, and too little coverage, are failures though no test failed', async () => {
  const file = join(cwd, 'report.json');
  await writeFile(file, JSON.stringify({ ...jest, numRuntimeErrorTestSuites: 2 }));
  const report = { kind: 'jest', file } as const;
  expect(await runCheck({ name: 'x', cwd, command: node('process.exit(1)'), report })).toMatchObject({ failed: 2 });
  await writeFile(file, JSON.stringify(jest));
  expect(await runCheck({ name: 'x', cwd, command: node('process.exit(1)'), report })).toMatchObject({ failed: 1 });
});

test('a suite that leaves no report behind has not passed', async () => {
  const report = { kind: 'jest', file: join(cwd, 'none.json') } as const;
  expect(await runCheck({ name: 'x', cwd, command: node(''), report })).toMatchObject({ passed: 0, failed: 1 });
});

test('a scenario passes only when every step was reached and passed', () => {
  const scenario = (...statuses: string[]): { steps: { result: { status: string } }[] } => ({
    steps: statuses.map((status) => ({ result: { status } })),
  });
  const elements = [scenario('passed', 'passed'), scenario('passed', 'undefined'), scenario('failed', 'skipped')];
  expect(countScenarios([{ elements }])).toEqual({ passed: 1, failed: 2, skipped: 0 });
});
