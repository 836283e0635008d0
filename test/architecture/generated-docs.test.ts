import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DETAIL_CODES } from '@rollbook/shared/contracts/rejection-advice';
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

  test('says what every detail means that stands in the sources', () => {
    const sources = globSync('{shared,command-api,query-api}/src/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('/config.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'));
    const given = sources.flatMap((source) => [
      ...[...source.matchAll(/\bcode: '([a-z_]+)'/g)].map((match) => match[1] ?? ''),
      ...[...source.matchAll(/\b(?:refuse|fault|invalid|detail)\((?:[\w']+, )?'([a-z_]+)'(?:, [`'])/g)].map(
        (match) => match[1] ?? '',
      ),
    ]);
    const ofTheTable = new Set(
      Object.values(REJECTIONS).flatMap((answer) => ('detail' in answer ? [answer.detail.code] : [])),
    );
    // Not details: what zod calls a rule of our own, and a state of health.
    const others = new Set<string>(['custom', 'down', ...ofTheTable, ...Object.keys(DETAIL_CODES)]);
    expect([...new Set(given)].filter((code) => !others.has(code))).toStrictEqual([]);
    expect(given.length).toBeGreaterThan(30);
  });
});
