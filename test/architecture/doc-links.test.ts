import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './planted-tree.ts';

/** Every page that git knows or would take, by its path. */
const PAGES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');

/** The anchors that GitHub makes of a page's headings. */
const anchorsOf = (text: string): readonly string[] => {
  const seen = new Map<string, number>();
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${String(before)}`;
  });
};

/** The links of a page that lead nowhere. */
const deadLinks = (file: string, text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (path !== '' && !existsSync(join(root, target))) return [link];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    return anchorsOf(path === '' ? text : textOf(target)).includes(anchor) ? [] : [link];
  });

describe('The pages of the project', () => {
  test('lead nowhere with none of their links', () => {
    expect(PAGES).toContain('README.md');
    const dead = PAGES.flatMap((file) => deadLinks(file, textOf(file)).map((link) => `${file}: ${link}`));
    expect(dead).toStrictEqual([]);
  });

  test('a link to a page or to a heading that is not there is found', () => {
    const text = '# One\n\n[a](none.md) [b](#two) [c](#one) [d](README.md#tests) [e](README.md#no-such)';
    expect(deadLinks('PLANTED.md', text)).toStrictEqual(['none.md', '#two', 'README.md#no-such']);
  });

  test.each(['docs/adr', 'docs'])('the index of %s names each page beside it once', (folder) => {
    const index = textOf(join(folder, 'README.md'));
    const pages = readdirSync(join(root, folder)).filter((file) => file.endsWith('.md') && file !== 'README.md');
    const named = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, link = '']) => basename(link));
    expect(named.toSorted()).toStrictEqual(pages.toSorted());
  });
});
