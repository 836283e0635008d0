import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from '../support/standalone.ts';
import { headingsOf, linesOf, readPage, type Page } from './read-page.ts';

/** Every page of Markdown that belongs to the project. */
export const allPages = (): readonly Page[] =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !['node_modules', 'coverage'].includes(entry.name))
    .flatMap((entry) => {
      if (entry.isFile()) return [entry.name];
      const below = readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' });
      return below.map((name) => join(entry.name, name)).filter((name) => !name.includes('node_modules/'));
    })
    .filter((name) => name.endsWith('.md'))
    .map((name) => readPage(name, readFileSync(join(root, name), 'utf8')));

/** The anchors of a page's headings, as GitHub makes them: a repeated one gets `-1`, `-2`, … */
export const anchorsOf = (page: Page): ReadonlySet<string> => {
  const counts = new Map<string, number>();
  return new Set(
    headingsOf(page).map(({ text }) => {
      const plain = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
      const before = counts.get(anchor) ?? 0;
      counts.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
};

/** The targets of a page's links and pictures; what stands in code is none. */
export const linksOf = (page: Page): readonly { readonly target: string; readonly line: number }[] =>
  linesOf(page).flatMap(({ text, line }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(<?([^()\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target = '']) => ({
      target,
      line,
    })),
  );

/** Links within the project that lead nowhere, in words. Other sites are not asked. */
export const deadLinks = (page: Page, pages: readonly Page[]): readonly string[] =>
  linksOf(page).flatMap(({ target, line }) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const isHere = path === '';
    const file = resolve(root, dirname(page.file), path);
    const where = `${page.file}:${line}: ${target}`;
    if (!isHere && !existsSync(file)) return [`${where}: there is no such file`];
    if (relative(root, file).startsWith('..')) return [`${where} leads out of the project`];
    if (anchor === undefined) return [];
    const there = isHere ? page : pages.find((each) => each.file === relative(root, file));
    if (!there) return [`${where}: only pages of Markdown have anchors`];
    return anchorsOf(there).has(anchor) ? [] : [`${where}: there is no such heading`];
  });
