import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { countScenarios, runAgainAlone, runCheck, type Check } from '../../support/run-check.ts';

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

describe('A test file that failed among the others', () => {
  const file = join('tests', 'slow.test.ts');
  /** A suite that writes `first` when it runs as a whole and `alone` when it runs only the files that failed. */
  const suite = (first: object, alone: object, said = ''): Check => {
    const report = join(cwd, 'report.json');
    const write = (result: object, code: number): string[] =>
      node(
        `fs.writeFileSync(${JSON.stringify(report)}, ${JSON.stringify(JSON.stringify(result))});
         console.log(${JSON.stringify(said)}); process.exit(${String(code)})`,
      );
    const codeOf = (result: object): number => ('numFailedTests' in result && result.numFailedTests === 0 ? 0 : 1);
    return {
      name: 'x',
      cwd,
      command: write(first, codeOf(first)),
      report: { kind: 'jest', file: report },
      alone: (files) => [...write(alone, codeOf(alone)), ...files],
    };
  };
  const failing = (...files: string[]) => ({
    ...jest,
    numFailedTests: 1,
    testResults: files.map((name) => ({ name: join(cwd, name), status: 'failed' })),
  });
  const run = async (check: Check) => {
    const said: string[] = [];
    return { outcome: await runAgainAlone(check, (line) => said.push(line)), said };
  };

  test('runs once more alone, passes when it passes there, and is named', async () => {
    const { outcome, said } = await run(suite(failing(file), jest));
    expect(outcome).toMatchObject({ passed: 8, failed: 0 });
    expect(said.at(-1)).toBe(`Failed among the others, passed alone: ${file}`);
  });

  test('has failed when it fails there too', async () => {
    expect((await run(suite(failing(file), failing(file)))).outcome).toMatchObject({ passed: 7, failed: 1 });
  });

  test('is not run again when many failed, nor when too little is covered', async () => {
    const many = ['1', '2', '3', '4', '5', '6'];
    expect((await run(suite(failing(...many), jest))).outcome).toMatchObject({ failed: 1 });
    const uncovered = suite(failing(file), jest, 'Jest: "global" coverage threshold for lines (90%) not met: 12%');
    expect((await run(uncovered)).outcome).toMatchObject({ failed: 1 });
  });
});
