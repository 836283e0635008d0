import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

/** One of the things that `npm test` does: a program, and where it writes what it counted. */
export interface Check {
  readonly name: string;
  readonly cwd: string;
  readonly command: readonly string[];
  /** Without a report, the program as a whole counts as one test. */
  readonly report?: { readonly kind: 'jest' | 'cucumber'; readonly file: string };
  /** Its lines are shown while it runs; otherwise only when it fails. */
  readonly live?: boolean;
  /** Makes the command that runs only these test files, alone: see `runAgainAlone`. */
  readonly alone?: (files: readonly string[]) => readonly string[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Outcome extends Counts {
  readonly name: string;
  readonly ms: number;
  /** What is still to be shown. */
  readonly output: string;
  /** Test files that failed among the others. */
  readonly failedFiles: readonly string[];
}

interface Feature {
  readonly elements: readonly { readonly steps: readonly { readonly result: { readonly status: string } }[] }[];
}

interface JestFile {
  /** The file's path. */
  readonly name: string;
  readonly status: string;
}

interface JestResult {
  readonly testResults?: readonly JestFile[];
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

/** The numbers in jest's `--json` report; a file that could not be loaded is one failure. */
export const countJest = (result: JestResult): Counts => ({
  passed: result.numPassedTests,
  failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
  skipped: result.numPendingTests + result.numTodoTests,
});

/** The scenarios in cucumber's JSON report; a step that is missing or was not reached makes its scenario fail. */
export function countScenarios(features: readonly Feature[]): Counts {
  const scenarios = features.flatMap(({ elements }) => elements);
  const passed = scenarios.filter(({ steps }) => steps.every(({ result }) => result.status === 'passed')).length;
  return { passed, failed: scenarios.length - passed, skipped: 0 };
}

type Told = Counts & Pick<Outcome, 'failedFiles'>;

async function reportOf({ report }: Check): Promise<Told | undefined> {
  if (report === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(await readFile(report.file, 'utf8'));
    if (report.kind === 'cucumber') return { ...countScenarios(content as Feature[]), failedFiles: [] };
    const { testResults = [], ...result } = content as JestResult;
    const failedFiles = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
    return { ...countJest(result), failedFiles };
  } catch {
    return undefined;
  }
}

/** Runs a check to its end. A program that fails without a failed test (coverage, a crash) counts as one failure. */
export async function runCheck(check: Check): Promise<Outcome> {
  const started = performance.now();
  const [program = '', ...args] = check.command;
  const child = spawn(program, args, { cwd: check.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (check.live === true) process.stdout.write(text);
      said += text;
    });
  }
  const succeeded = await new Promise<boolean>((done) => {
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
  });
  const counted = await reportOf(check);
  const passed = succeeded && check.report === undefined ? 1 : 0;
  const counts = counted ?? { passed, failed: 0, skipped: 0, failedFiles: [] };
  // A suite that leaves no report behind has not passed, whatever its exit code says.
  const held = succeeded && (check.report === undefined || counted !== undefined);
  return {
    name: check.name,
    ms: performance.now() - started,
    ...counts,
    failed: held ? counts.failed : Math.max(1, counts.failed),
    output: held || check.live === true ? '' : said.trim(),
    // Too little coverage is no matter of time.
    failedFiles: /coverage threshold .* not met/.test(said) ? [] : counts.failedFiles,
  };
}

/** So many files do not fail for want of time: then something is broken. */
const MOST_AGAIN = 5;

/**
 * Runs a check; test files that failed among the others run once more, alone, because a busy machine can make a test
 * wait longer than it does. What fails alone too has failed. What passes is named, so that nobody overlooks it.
 */
export async function runAgainAlone(check: Check, say: (line: string) => void): Promise<Outcome> {
  const first = await runCheck(check);
  const files = first.failedFiles;
  if (check.alone === undefined || files.length === 0 || files.length > MOST_AGAIN) return first;
  if (first.output !== '') say(first.output);
  const again = await runCheck({ ...check, command: check.alone(files) });
  const ms = first.ms + again.ms;
  if (again.failed > 0) return { ...first, ms, output: again.output };
  for (const file of files) say(`Failed among the others, passed alone: ${relative(check.cwd, file)}`);
  return { ...first, ms, passed: first.passed + first.failed, failed: 0, output: '' };
}
