import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/standalone.ts';

/** The page that has every setting. */
export const SETTINGS_PAGE = 'configuration.md';

/** Every setting, with its defaults: none, or one, or one for each of those who read it. */
export const knownSettings: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(join(root, 'docs', SETTINGS_PAGE), 'utf8')
    .split(/^### /m)
    .flatMap((section) => {
      const name = /^`([A-Z_]+)`$/m.exec(section)?.[1];
      // What stands in brackets is who reads it.
      const defaults = /^- Default: (.*)$/m.exec(section)?.[1]?.replaceAll(/\([^)]*\)/g, '') ?? '';
      const values = [...defaults.matchAll(/`([^`]+)`/g)].map(([, value = '']) => value);
      return name === undefined ? [] : [[name, values] as const];
    }),
);
