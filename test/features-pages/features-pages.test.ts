import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { dataFolder, root, startStandalone, type StandaloneProcess } from '../support/standalone.ts';
import { examplesOf, responsesOf, type Example } from './examples.ts';
import { allPages, deadLinks, linksOf } from './links.ts';
import { endedAt, otherResponses, untoldErrors } from './page-faults.ts';
import { NOT_YET } from './not-yet.ts';
import { shapeFaults } from './page-shape.ts';
import { linesOf, readPage, type Page } from './read-page.ts';
import { findPython, runExamples } from './run-page.ts';

const INDEX = 'docs/features/README.md';
const SETUP = 'Before the examples';

const everyPage = allPages();
const pages = everyPage.filter(({ file }) => file.startsWith('docs/features/') && file !== INDEX);
const names = pages.map(({ file }) => basename(file));
const inShape = pages.filter(({ file }) => !NOT_YET.includes(basename(file)));
const index = readPage(INDEX, readFileSync(join(root, INDEX), 'utf8'));

describe('The pages about features', () => {
  test('have the shape of such a page, but for those that are listed as not yet', () => {
    expect(inShape.flatMap((page) => shapeFaults(page).map((fault) => `${page.file} ${fault}`))).toStrictEqual([]);
  });

  test('are taken off that list once they have it', () => {
    const stillListed = pages.filter(({ file }) => NOT_YET.includes(basename(file)));
    expect(stillListed.filter((page) => shapeFaults(page).length === 0).map(({ file }) => file)).toStrictEqual([]);
    expect(NOT_YET.filter((name) => !names.includes(name))).toStrictEqual([]);
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
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let database: TestDatabase;
  let rollbook: StandaloneProcess;
  beforeAll(async () => {
    [data, database] = await Promise.all([dataFolder(), createDatabase()]);
    // The limits are those of a product, but for one that all pages together come to from their one address.
    rollbook = await startStandalone(data.path, {
      DATABASE_URL: database.url,
      RATE_LIMIT_ANONYMOUS_PER_HOUR: '100000',
      RATE_LIMIT_CREDENTIALS_PER_HOUR: '1000',
    });
  });
  afterAll(async () => {
    await rollbook.stop();
    await Promise.all([data.remove(), database.drop()]);
  });

  const setup = examplesOf(index, SETUP);
  const faultsOf = async (page: Page, examples: readonly Example[]): Promise<readonly string[]> => {
    const all = [...setup, ...examples];
    // By the name that `npm start` prints, which stands in tokens too.
    const env = { ROLLBOOK_URL: rollbook.url.replace('127.0.0.1', 'localhost') };
    const run = await runExamples(all, { dataDir: data.path, env, python: python ?? '' });
    const responses = responsesOf(page);
    const outcomes = run.outcomes.slice(setup.length);
    return [
      ...endedAt(run, all.length),
      ...untoldErrors(outcomes, responses),
      ...(run.code === 0 ? otherResponses(outcomes, responses) : []),
    ];
  };

  test('begin with what the index has everybody paste first', async () => {
    expect(setup.length).toBeGreaterThan(0);
    expect(await faultsOf(index, [])).toStrictEqual([]);
  });

  for (const page of inShape)
    test(`of ${page.file} work as pasted`, async () => {
      expect(await faultsOf(page, examplesOf(page))).toStrictEqual([]);
    });
});
