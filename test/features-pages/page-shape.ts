import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/standalone.ts';
import { knownSettings, SETTINGS_PAGE } from './known-settings.ts';
import { linksOf } from './links.ts';
import { fences, responsesAreLabelled, USAGE } from './page-fences.ts';
import { fencesOf, headingsOf, linesOf, type Page } from './read-page.ts';
import { unless, type Rule } from './rule.ts';

/** The sections of a page about a feature, all of them, in this order. */
export const SECTIONS = [
  'TL;DR',
  'Architecture & Flow',
  'Dependencies & Integrations',
  'API / Interfaces',
  'Configuration & Environment Variables',
  USAGE,
  'Warnings, Notes, and Tips',
  'Known Issues',
  'Search Keywords',
] as const;

const paths = (JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')) as { paths: Record<string, object> }).paths;
/** `GET /users/{}` for every operation, without `/v1` and without the names of parameters. */
const endpoints = new Set(
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${plainPath(path)}`),
  ),
);

function plainPath(path: string): string {
  return path.replace(/^\/v1(?=\/)/, '').replaceAll(/\{\w*\}/g, '{}');
}

const sectionText = (page: Page, section: string): string =>
  linesOf(page, section)
    .map(({ text }) => text)
    .join('\n');

const opening: Rule = (page) => {
  const [first, ...rest] = page.parts;
  const head = rest.slice(
    0,
    rest.findIndex((part) => part.kind === 'heading'),
  );
  const text = head.map((part) => part.text).join('\n');
  const updated = /^\*\*Last Updated:\*\* (\d{4}-\d\d-\d\d) \| \*\*Primary Owner:\*\* Rollbook maintainers$/m.exec(
    text,
  );
  const context = text.split('\n').filter((line) => line.startsWith('>'));
  const contextLinks = linksOf({ ...page, parts: head }).filter(({ target }) => !/^[a-z]+:/i.test(target));
  return [
    ...unless(first?.kind === 'heading' && first.level === 1, 'begins with no heading of the first level'),
    ...unless(/^\*\*Tags:\*\* `\[dev-spec\]`(?:, `\[[\w-]+\]`)+$/m.test(text), 'lacks **Tags:** `[dev-spec]`, `[…]`'),
    ...unless(
      updated !== null && new Date(updated[1] ?? '').toJSON().startsWith(updated[1] ?? '-'),
      'lacks **Last Updated:** YYYY-MM-DD | **Primary Owner:** Rollbook maintainers',
    ),
    ...unless(context[0]?.startsWith('> **Product Context:** ') === true, 'lacks > **Product Context:**'),
    ...unless(contextLinks.length > 0, 'has no link into the documentation in its product context'),
  ];
};

const sections: Rule = (page) => {
  const found = headingsOf(page).filter(({ level }) => level === 2);
  const missing = SECTIONS.filter((name) => !found.some(({ text }) => text === name));
  const strange = found.filter(({ text }) => !(SECTIONS as readonly string[]).includes(text));
  const empty = SECTIONS.filter(
    (name) =>
      !missing.includes(name) &&
      sectionText(page, name).replaceAll(/[-\s]/g, '') === '' &&
      !fencesOf(page).some(({ section }) => section === name),
  );
  const isInOrder = found.map(({ text }) => text).join('\n') === SECTIONS.join('\n');
  return [
    ...missing.map((name) => `lacks ## ${name}`),
    ...strange.map(({ text, line }) => `has ## ${text} (line ${line}), which is none of the sections: use ###`),
    ...empty.map((name) => `has nothing in ## ${name}`),
    ...unless(
      missing.length + strange.length > 0 || isInOrder,
      `has its sections in another order than ${SECTIONS.join(', ')}`,
    ),
  ];
};

const contents: Rule = (page) => [
  ...unless(/search terms:/i.test(sectionText(page, 'TL;DR')), 'says no "Search terms:" in ## TL;DR'),
  ...unless(/^\|/m.test(sectionText(page, 'API / Interfaces')), 'has no table in ## API / Interfaces'),
  ...linesOf(page, 'Warnings, Notes, and Tips')
    .filter(({ text }, at, all) => text.startsWith('>') && !(all[at - 1]?.text.startsWith('>') ?? false))
    .filter(({ text }) => !/^> \*\*(?:WARNING|NOTE|TIP):\*\* /.test(text))
    .map(({ line }) => `has a quotation in line ${line} that is no > **WARNING:**, **NOTE:** or **TIP:**`),
  ...unless(/^> \*\*/m.test(sectionText(page, 'Warnings, Notes, and Tips')), 'warns of nothing'),
  ...unless(
    (sectionText(page, 'Search Keywords').match(/`[^`]+`/g) ?? []).length >= 3,
    'has fewer than three `keywords` in ## Search Keywords',
  ),
];

const configuration: Rule = (page) => {
  const text = sectionText(page, 'Configuration & Environment Variables');
  const rows = [...text.matchAll(/^\| *`([A-Z_]+)` *\|([^|]*)\|([^|]*)\|.*\|$/gm)];
  const header = /^\| *Variable Name *\| *Required *\| *Default *\| *Description *\|$/m;
  return [
    ...unless(
      header.test(text) || /^No settings of its own\./m.test(text),
      'has neither | Variable Name | Required | Default | Description | nor "No settings of its own."',
    ),
    ...rows.flatMap(([, name = '', , shown = '']) => {
      const known = knownSettings.get(name);
      if (known === undefined) return [`names ${name}, which docs/${SETTINGS_PAGE} does not know`];
      const told = /`(.+?)`/.exec(shown)?.[1];
      const isTrue = told === undefined ? known.length === 0 : known.includes(told);
      return unless(
        isTrue,
        `says that ${name} is "${told ?? ''}" where it is not set; ${SETTINGS_PAGE}: ${known.join()}`,
      );
    }),
  ];
};

const endpointsAreKnown: Rule = (page) => {
  const named = linesOf(page).flatMap(({ text, line }) =>
    [...text.matchAll(/`(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)[^`]*`/g)].map(([, method = '', path = '']) => ({
      line,
      name: `${method === 'HEAD' ? 'GET' : method} ${path}`,
      plain: `${method === 'HEAD' ? 'GET' : method} ${plainPath(path)}`,
    })),
  );
  return named
    .filter(({ plain }) => !endpoints.has(plain) && !plain.startsWith('GET /dev/inbox'))
    .map(({ name, line }) => `names ${name} in line ${line}, which openapi.json does not know`);
};

/** What a page lacks of the shape of a page about a feature, in words. */
export const shapeFaults: Rule = (page) =>
  [opening, sections, contents, configuration, endpointsAreKnown, fences, responsesAreLabelled].flatMap((rule) =>
    rule(page),
  );
