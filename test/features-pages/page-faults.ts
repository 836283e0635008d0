import type { Response } from './examples.ts';
import { readPrinted, printedDifferences } from './printed.ts';
import type { Outcome, PageRun } from './run-page.ts';

const nameOf = ({ example: { file, line, language } }: Outcome): string => `${file}:${line} (${language})`;
const asSaid = ({ stdout, stderr }: Outcome): string => `It printed:\n${stdout}${stderr}`;

/** The example at which the shell ended, with its output; nothing where all went through. */
export const endedAt = ({ code, outcomes }: PageRun, expected: number): readonly string[] => {
  const last = outcomes.at(-1);
  if (code === 0 && outcomes.length === expected) return [];
  if (!last) return ['No example was begun'];
  return [`${nameOf(last)} ${code === null ? 'did not end' : `ended with ${code}`}. ${asSaid(last)}`];
};

const isError = (value: unknown): boolean => typeof value === 'object' && value !== null && 'error' in value;

/** Answers that are errors, though the page shows none there: `curl` alone does not fail at them. */
export const untoldErrors = (outcomes: readonly Outcome[], responses: readonly Response[]): readonly string[] =>
  outcomes.flatMap((outcome) => {
    const shown = responses.find(({ examples }) => examples.some(({ line }) => line === outcome.example.line))?.json;
    if (shown != null && isError(JSON.parse(shown))) return [];
    if (!readPrinted(outcome.stdout).json.some(isError)) return [];
    return [`${nameOf(outcome)} was answered with an error that the page does not show. ${asSaid(outcome)}`];
  });

/** An error says the same each time, but for when, by which request, and how long to wait. */
const constantsOf = (value: unknown): string | null => {
  if (!isError(value)) return null;
  const { error } = value as { readonly error: object };
  return JSON.stringify({ ...error, timestamp: '', request_id: '' }).replaceAll(/in \d+ seconds/g, 'in some seconds');
};

const differences = (shown: unknown, actual: unknown, inPart: boolean): readonly string[] => {
  const found = printedDifferences(shown, actual, { inPart });
  if (found.length > 0 || constantsOf(shown) === constantsOf(actual)) return found;
  return [`$.error is ${constantsOf(actual) ?? ''}`];
};

/** Where the examples print another status or another shape than the response below them. */
export const otherResponses = (outcomes: readonly Outcome[], responses: readonly Response[]): readonly string[] =>
  responses.flatMap(({ file, line, status, json, inPart, examples }) => {
    const printed = outcomes
      .filter(({ example }) => examples.some((each) => each.line === example.line))
      .map((outcome) => ({ outcome, ...readPrinted(outcome.stdout) }));
    const where = `${file}:${line}: this response`;
    if (printed.length === 0) return [`${where} has no example above it`];
    if (status !== null && !printed.some((each) => each.status !== null) && json === null)
      return [`${where} has a status, and no example above it prints one`];
    if (json !== null && !printed.some((each) => each.json.length > 0))
      return [`${where} shows JSON, and no example above it prints any`];
    return printed.flatMap((each) => [
      ...(status !== null && each.status !== null && each.status !== status
        ? [`${where} is ${status}, and ${nameOf(each.outcome)} printed ${each.status}. ${asSaid(each.outcome)}`]
        : []),
      ...(json !== null && each.json.length > 0
        ? differences(JSON.parse(json), each.json.at(-1), inPart).map(
            (difference) => `${where} and ${nameOf(each.outcome)} differ: ${difference}. ${asSaid(each.outcome)}`,
          )
        : []),
    ]);
  });
