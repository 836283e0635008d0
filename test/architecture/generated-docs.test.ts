import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DETAIL_CODES } from '@rollbook/shared/contracts/detail-codes';
import { ERROR_STATUS, REJECTIONS } from '@rollbook/shared/contracts/rejections';
import { staleLines } from '../../docs/compare.ts';
import { PAGES } from '../../docs/generate.ts';
import { startProcess } from '../support/child-process.ts';
import { root } from './planted-tree.ts';

describe('Generated pages', () => {
  // After a change of what they are made from: npm run docs
  test.each(Object.keys(PAGES))('%s stands in docs as it is made now', async (page) => {
    expect(await staleLines(page)).toStrictEqual([]);
  });

  // The program that makes and compares them, run as it is but for one word of one source file.
  test.each([
    ['a field of an answer', 'shared/src/contracts/user.ts', 'last_login', 'last_seen'],
    ['a field of a request', 'command-api/src/user/change-password/change-password.route.ts', 'new_password', 'next'],
  ])('%s that has another name in the code alone is found, and named', async (_what, file, from, to) => {
    const args = ['--disable-warning=ExperimentalWarning', '--import', './test/support/planted-source.mjs'];
    const env = { PLANT_IN: file, PLANT_FROM: from, PLANT_TO: to };
    const { code, said } = await startProcess(process.execPath, [...args, 'docs/compare.ts', 'openapi'], env).exit;
    expect([code, said]).toStrictEqual([1, expect.stringMatching(new RegExp(`^openapi: - .*"${from}"`, 'm'))]);
    expect(said).toMatch(new RegExp(`^openapi: \\+ .*"${to}"`, 'm'));
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

  test('has every code on the wire once, and every message under its code', () => {
    const sections = new Map(
      page.split(/^## /m).map((section) => [/^\d+ `(\w+)`/.exec(section)?.[1] ?? '', section] as const),
    );
    expect([...sections.keys()].filter((code) => code !== '').toSorted()).toStrictEqual(
      Object.keys(ERROR_STATUS).toSorted(),
    );
    for (const { error, message } of Object.values(REJECTIONS))
      expect(sections.get(error)).toContain(`### ${message}\n`);
  });

  // Held against every answer that a test gets, too (test/support/api-document.ts).
  test('says once what each code of a detail means, and has no other', () => {
    const list = page.slice(page.indexOf('\n## Codes of details\n'));
    expect([...list.matchAll(/^- `(\w+)`: ./gm)].map((match) => match[1])).toStrictEqual(Object.keys(DETAIL_CODES));
  });
});
