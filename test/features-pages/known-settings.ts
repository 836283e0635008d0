import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/standalone.ts';

/** The page that has every setting. */
export const SETTINGS_PAGE = existsSync(join(root, 'docs/configuration.md')) ? 'configuration.md' : 'settings.md';

const text = readFileSync(join(root, 'docs', SETTINGS_PAGE), 'utf8');

const ofTable = [...text.matchAll(/^\| `([A-Z_]+)` +\| .+? +\| (?:`(.+?)`)? *\|/gm)].map(
  ([, name = '', standard]) => [name, standard === undefined ? [] : [standard]] as const,
);
const ofSections = [...text.matchAll(/^### `([A-Z_]+)`$([^#]*)/gm)].map(([, name = '', about = '']) => {
  const defaults = about.split('\n').filter((line) => /^- Default\b/.test(line));
  return [name, defaults.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, value = '']) => value))] as const;
});

/** Every setting, with its defaults: none, or one, or one for each of those who read it. */
export const knownSettings: ReadonlyMap<string, readonly string[]> = new Map(
  SETTINGS_PAGE === 'settings.md' ? ofTable : ofSections,
);
