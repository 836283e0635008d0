import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiDocument } from './api-document.ts';

/** Where each test file leaves what it saw answered, as `operation status` lines. */
export const SEEN = join(import.meta.dirname, '../../.cache/test/answers');

export interface AnswerCoverage {
  readonly operations: readonly string[];
  /** `operation status`, as documented. */
  readonly statuses: readonly string[];
  /** Of these, what no test has got. */
  readonly unseen: readonly string[];
  /** What a test has got though no such answer is documented. */
  readonly undocumented: readonly string[];
}

const filesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** All lines that lie there: `npm test` empties the folder before the first test. */
export const seenAnswers = (folder = SEEN): ReadonlySet<string> =>
  new Set(filesIn(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean)));

/** Holds what was answered against all that is documented. What is documented as `default` has no status to be seen. */
export const coverageOf = (api: ApiDocument, seen: ReadonlySet<string>): AnswerCoverage => {
  const documented = api.operations.map((operation) => ({
    id: operation['operationId'] as string,
    statuses: Object.keys(operation['responses'] as object).filter((status) => status !== 'default'),
    hasDefault: Object.hasOwn(operation['responses'] as object, 'default'),
  }));
  const statuses = documented.flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`));
  const isFault = (line: string): boolean =>
    documented.some(({ id, hasDefault }) => hasDefault && line.startsWith(`${id} 5`));
  return {
    operations: documented.map(({ id }) => id),
    statuses,
    unseen: statuses.filter((line) => !seen.has(line)),
    undocumented: [...seen].filter((line) => !statuses.includes(line) && !isFault(line)).toSorted(),
  };
};
