import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** One of the things that `npm test` does: a program, and where it writes what it counted. */
export interface Check {
  readonly name: string;
  readonly cwd: string;
  readonly command: readonly string[];
  /** Without a report, the program as a whole counts as one test. */
  readonly report?: { readonly kind: 'jest' | 'cucumber'; readonly file: string };
  /** Its lines are shown while it runs; otherwise only when it fails. */
  readonly live?: boolean;
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
}

interface Feature {
  readonly elements: readonly { readonly steps: readonly { readonly result: { readonly status: string } }[] }[];
}

interface JestResult {
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

async function countsOf({ report }: Check): Promise<Counts | undefined> {
  if (report === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(await readFile(report.file, 'utf8'));
    return report.kind === 'jest' ? countJest(content as JestResult) : countScenarios(content as Feature[]);
  } catch {
    return undefined;
  }
}

/** Runs a check to its end. A program that fails without a failed test (coverage, a crash) counts as one failure. */
export async function runCheck(check: Check): Promise<Outcome> {
  const started = performance.now();
  const [program = '', ...args] = check.command;
  const child = spawn(program, args, { cwd: check.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (check.live === true) process.stdout.write(text);
      else output += text;
    });
  }
  const succeeded = await new Promise<boolean>((done) => {
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
  });
  const counted = await countsOf(check);
  const counts = counted ?? { passed: succeeded && check.report === undefined ? 1 : 0, failed: 0, skipped: 0 };
  // A suite that leaves no report behind has not passed, whatever its exit code says.
  const held = succeeded && (check.report === undefined || counted !== undefined);
  return {
    name: check.name,
    ms: performance.now() - started,
    ...counts,
    failed: held ? counts.failed : Math.max(1, counts.failed),
    output: held ? '' : output.trim(),
  };
}
