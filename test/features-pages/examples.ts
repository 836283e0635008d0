import { fencesOf, type Page, type Part } from './read-page.ts';
import { EXPECTED, RUN, USAGE } from './page-fences.ts';

/** What a page has run, in the order of the page. */
export interface Example {
  readonly language: (typeof RUN)[number];
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** What a page says that the examples right above it print. */
export interface Response {
  readonly line: number;
  readonly file: string;
  readonly status: number | null;
  /** Text of JSON; null where none is shown. */
  readonly json: string | null;
  /** More members may come than are shown. */
  readonly inPart: boolean;
  readonly examples: readonly Example[];
}

const isRun = (part: Part): boolean => part.kind === 'fence' && (RUN as readonly string[]).includes(part.language);

/** The examples of a page, or of one of its sections. */
export const examplesOf = (page: Page, section = USAGE): readonly Example[] =>
  fencesOf(page)
    .filter((fence) => fence.section === section && isRun(fence))
    .map(({ language, text, line }) => ({ language: language as Example['language'], text, file: page.file, line }));

/**
 * The responses that a page shows: a line `**Expected Response (201):**`, and a fence of JSON right below it where there
 * is something to show. It is what every example prints that stands since the last response or heading.
 */
export const responsesOf = (page: Page): readonly Response[] => {
  const examples = examplesOf(page);
  const parts = page.parts.filter((part) => part.kind === 'heading' || part.section === USAGE);
  let above: Example[] = [];
  return parts.flatMap((part, at): readonly Response[] => {
    if (part.kind === 'heading') above = [];
    if (part.kind === 'fence') above.push(...examples.filter(({ line }) => line === part.line));
    const label = part.kind === 'line' ? EXPECTED.exec(part.text) : null;
    if (!label) return [];
    const next = parts.slice(at + 1).find((each) => each.kind !== 'line' || each.text !== '');
    const json = next?.kind === 'fence' && next.language === 'json' ? next.text : null;
    const status = label[1] === undefined ? null : Number(label[1]);
    const inPart = label[2] !== undefined;
    const response = { line: part.line, file: page.file, status, json, inPart, examples: above };
    above = [];
    return [response];
  });
};
