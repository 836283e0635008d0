import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asksForHelp } from '@rollbook/shared/process/answer-words';
import { runAgainAlone, type Check, type Outcome } from './support/run-check.ts';
import { serveTestCluster } from './support/test-cluster.ts';

// `npm test`: everything that must hold, in the order in which it is cheapest to hear about it.

const root = resolve(import.meta.dirname, '..');
const reports = join(root, '.cache/test');
const node = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  // kafkajs on Node 24.
  '--disable-warning=TimeoutNegativeWarning',
];
const tool = (path: string, ...args: string[]): string[] => [...node, join(root, 'node_modules', path), ...args];

const report = (name: string): string => join(reports, `${name}.json`);
const jest = (name: string, ...args: string[]): Omit<Check, 'name' | 'cwd'> => {
  const command = [
    ...node.concat('--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js')),
    ...['--json', `--outputFile=${report(name)}`],
  ];
  return {
    command: [...command, ...args],
    report: { kind: 'jest', file: report(name) },
    alone: (files) => [...command, '--runInBand', '--runTestsByPath', ...files],
  };
};

// Those that start Rollbook by the profile; the others start what runs on one machine, or on the large one anyway. How
// many hashes wait has to do with neither log nor feed.
const journeys = join(root, 'test/journeys');
const journeysOfBothProfiles = readdirSync(journeys)
  .filter((file) => file.endsWith('.test.ts') && file !== 'full-queue.test.ts')
  .map((file) => join(journeys, file))
  .filter((file) => readFileSync(file, 'utf8').includes('startRollbook('));

const largeProfile = ({ alone, ...check }: Omit<Check, 'name' | 'cwd'>): Omit<Check, 'name' | 'cwd'> => {
  const onIt = (command: readonly string[]): string[] => ['env', 'ROLLBOOK_PROFILE=large', ...command];
  return { ...check, command: onIt(check.command), ...(alone && { alone: (files) => onIt(alone(files)) }) };
};

const checks = {
  format: { command: tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.') },
  dependencies: {
    command: tool('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.mjs', '.'),
  },
  types: { command: tool('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json') },
  lint: { command: tool('eslint/bin/eslint.js', '--max-warnings=0', '.') },
  // Thousands of schedules over the same lines: counting what they cover would only make them slow.
  interleavings: { command: [...node, 'test/interleaving/run.ts'] },
  jest: { ...jest('jest', '--coverage'), live: true },
  // The journeys once more, on EventStoreDB and Kafka.
  large: largeProfile(jest('large', '--runTestsByPath', ...journeysOfBothProfiles)),
  features: {
    command: tool('@cucumber/cucumber/bin/cucumber.js', '--format=progress', `--format=json:${report('features')}`),
    report: { kind: 'cucumber', file: report('features') },
  },
  // Of all that the tests before it got.
  answers: { command: [...node, 'test/answers.ts'], live: true },
} as const satisfies Record<string, Omit<Check, 'name' | 'cwd'>>;

type Name = keyof typeof checks;

/** What runs after what: rows one after the other, the lanes of a row at once (two cores), a lane in its order. */
const plan: readonly (readonly (readonly Name[])[])[] = [
  [['format', 'dependencies', 'types', 'lint'], ['interleavings']],
  [['jest']],
  [['large']],
  [['features']],
  [['answers']],
];

const wanted = process.argv.slice(2);
const HELP = `Usage: npm test [-- <check> …]

Runs everything that must hold: ${Object.keys(checks).join(', ')}; behind -- only the named checks. A test file that
fails among the others runs once more, alone. Without Java 17 and Maven, and without Docker, what needs Kafka is skipped
and counted so; without python3 the examples of the features pages are, and what compares the second verifier. "answers"
counts what the tests of the same run have seen: alone it finds nothing, and fails.

Exit codes: 0 all of it holds, 1 something failed, 2 wrong usage.`;

if (wanted.some(asksForHelp)) {
  console.log(HELP);
  process.exit(0);
}
const unknown = wanted.find((name) => !Object.hasOwn(checks, name));
if (unknown !== undefined) {
  console.error(`There is no check "${unknown}".\n\n${HELP}`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
const say = (line: string): void => console.log(line);

async function runLane(lane: readonly Name[]): Promise<void> {
  for (const name of lane.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    const outcome = await runAgainAlone({ name, cwd: root, ...checks[name] }, say);
    outcomes.push(outcome);
    if (outcome.output !== '') console.log(outcome.output);
    console.log(`${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${name} (${(outcome.ms / 1_000).toFixed(1)} s)`);
  }
}

await rm(reports, { recursive: true, force: true });
await mkdir(reports, { recursive: true });
const cluster = await serveTestCluster();
process.env['ROLLBOOK_TEST_CLUSTER'] = cluster.address;
process.env['NODE_ENV'] = 'test';
const started = performance.now();
try {
  for (const lanes of plan) {
    await Promise.all(lanes.map(runLane));
    // What follows would only say the same again, later and at greater length.
    if (outcomes.some(({ failed }) => failed > 0)) break;
  }
} finally {
  await cluster.stop();
}

const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
const failures = outcomes.filter(({ failed }) => failed > 0).map(({ name }) => name);
const skipped = sum((outcome) => outcome.skipped);
console.log(`\n${((performance.now() - started) / 1_000).toFixed(1)} s in all`);
if (skipped > 0) console.log(`${skipped} skipped`);
if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`);
console.log(`${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
