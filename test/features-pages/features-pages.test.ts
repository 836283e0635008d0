import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root } from '../support/standalone.ts';
import { examplesOf, responsesOf } from './examples.ts';
import { givenRollbook, type GivenRollbook } from './given-rollbook.ts';
import { allPages, deadLinks, linksOf } from './links.ts';
import { endedAt, otherResponses, untoldErrors } from './page-faults.ts';
import { shapeFaults } from './page-shape.ts';
import { linesOf, readPage } from './read-page.ts';
import { findPython, runExamples } from './run-page.ts';

const INDEX = 'docs/features/README.md';
const SETUP = 'Before the examples';

const everyPage = allPages();
const pages = everyPage.filter(({ file }) => file.startsWith('docs/features/') && file !== INDEX);
const names = pages.map(({ file }) => basename(file));
const index = readPage(INDEX, readFileSync(join(root, INDEX), 'utf8'));

describe('The pages about features', () => {
  test('have the shape of such a page', () => {
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.flatMap((page) => shapeFaults(page).map((fault) => `${page.file} ${fault}`))).toStrictEqual([]);
  });

  test('stand in the index, one line each', () => {
    const listed = linesOf(index).filter(({ text }) => /^\| \[/.test(text));
    const targets = listed.map(({ line }) => linksOf(index).find((link) => link.line === line)?.target);
    expect(targets.toSorted()).toStrictEqual(names.toSorted());
  });
});

test('Every link between pages of the project leads to a file and a heading that are there', () => {
  expect(everyPage.length).toBeGreaterThan(40);
  expect(everyPage.flatMap((page) => deadLinks(page, everyPage))).toStrictEqual([]);
});

const python = await findPython();
if (python === null) console.warn('The examples of the features pages are skipped: python3 is missing here.');

(python === null ? describe.skip : describe)('The examples of the features pages (they need python3)', () => {
  let given: GivenRollbook | undefined;
  beforeAll(async () => {
    given = await givenRollbook(examplesOf(index, SETUP), python ?? '');
  });
  afterAll(() => given?.stop());

  test('begin with what the index has everybody paste first', () => {
    expect(examplesOf(index, SETUP)).not.toHaveLength(0);
    expect(given?.setupFaults).toStrictEqual([]);
  });

  for (const page of pages)
    test(`of ${page.file} work as pasted`, async () => {
      const examples = examplesOf(page);
      const run = await runExamples(examples, await given!.forPage(page.file));
      const responses = responsesOf(page);
      expect([
        ...given!.setupFaults,
        ...endedAt(run, examples.length),
        ...untoldErrors(run.outcomes, responses),
        ...(run.code === 0 ? otherResponses(run.outcomes, responses) : []),
      ]).toStrictEqual([]);
    });
});
