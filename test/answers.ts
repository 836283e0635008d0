import { ApiDocument } from './support/api-document.ts';
import { coverageOf, seenAnswers } from './support/answer-coverage.ts';

// The last check of `npm test`: every operation of the document, and every status that it names, was answered in a test.
// `npm test -- jest answers` runs it after the tests alone.

const seen = seenAnswers();
if (seen.size === 0) {
  console.error('No test ran before this, so there is nothing to count: npm test -- jest answers');
  process.exit(1);
}
const { operations, statuses, unseen, undocumented } = coverageOf(ApiDocument.committed(), seen);
const silent = operations.filter((id) => statuses.every((line) => !line.startsWith(`${id} `) || unseen.includes(line)));
console.log(
  `operations ${String(operations.length - silent.length)}/${String(operations.length)}, ` +
    `statuses ${String(statuses.length - unseen.length)}/${String(statuses.length)}`,
);
for (const line of unseen) console.log(`documented, and answered in no test: ${line}`);
for (const line of undocumented) console.log(`answered in a test, and not documented: ${line}`);
process.exitCode = unseen.length + undocumented.length === 0 ? 0 : 1;
