import { readFile } from 'node:fs/promises';
import { PAGES } from './generate.ts';

// `node docs/compare.ts openapi` says where a page that is committed is not as it is made now; without a word, of all.

/** So many lines tell what has happened. */
const MOST = 20;

/** What of these lines has no counterpart among those. */
const without = (lines: readonly string[], others: readonly string[]): readonly string[] => {
  const left = Map.groupBy(others, (line) => line);
  return lines.filter((line) => left.get(line)?.pop() === undefined);
};

/** Lines that stand only in what is committed (`-`) or only in what is made now (`+`); none where both are the same. */
export const lineDifferences = (committed: string, made: string): readonly string[] => {
  if (committed === made) return [];
  const [before, now] = [committed.split('\n'), made.split('\n')];
  const lines = [
    ...without(before, now).map((line) => `- ${line.trim()}`),
    ...without(now, before).map((line) => `+ ${line.trim()}`),
  ];
  return lines.length === 0 ? ['the same lines in another order'] : lines.slice(0, MOST);
};

/** Where the page that is committed is not as it is made now. */
export const staleLines = async (page: string): Promise<readonly string[]> => {
  const known = PAGES[page];
  if (!known) throw new RangeError(`There is no page "${page}"`);
  return lineDifferences(await readFile(known.file, 'utf8'), await known.make());
};

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  for (const page of wanted.length > 0 ? wanted : Object.keys(PAGES)) {
    const lines = await staleLines(page);
    for (const line of lines) console.log(`${page}: ${line}`);
    if (lines.length > 0) process.exitCode = 1;
  }
}
