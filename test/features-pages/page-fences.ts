import { fencesOf, linesOf, type Fence } from './read-page.ts';
import { unless, type Rule } from './rule.ts';

/** The section whose examples are run. */
export const USAGE = 'Usage & Code Examples';
/** What stands above a response, with its status or without; `in part` where more may come than is shown. */
export const EXPECTED = /^\*\*Expected Response(?: \((\d{3})\))?(, in part)?:\*\*$/;

/** What is run, and by what. */
export const RUN = ['bash', 'python', 'javascript'] as const;
/** What is only shown. */
const SHOWN = ['json', 'text', 'console'];

/** Examples are where they are run, in languages that are run. */
export const fences: Rule = (page) => {
  const all = fencesOf(page);
  const isRun = ({ language }: Fence): boolean => (RUN as readonly string[]).includes(language);
  const usage = all.filter(({ section }) => section === USAGE);
  const isJson = ({ text }: Fence): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  return [
    ...RUN.map((name) => [name, usage.filter(({ language }) => language === name)] as const)
      .filter(([, found]) => found.length === 0)
      .map(([name]) => `has no example in ${name}`),
    ...unless(
      usage.some(({ language, text }) => language === 'bash' && /\bcurl\b/.test(text)),
      'has no example with curl',
    ),
    ...all
      .filter((fence) => !isRun(fence) && !SHOWN.includes(fence.language))
      .map(({ language, line }) => `has a fence of "${language}" in line ${line}: ${[...RUN, ...SHOWN].join(', ')}`),
    ...all
      .filter((fence) => isRun(fence) && fence.section !== USAGE)
      .map(({ language, line }) => `has an example in ${language} in line ${line}, outside ## ${USAGE}: it is not run`),
    ...all
      .filter(({ language, text }) => language === 'bash' && /\bjq\b/.test(text))
      .map(({ line }) => `uses jq in line ${line}`),
    ...all
      .filter((fence) => fence.language === 'json' && !isJson(fence))
      .map(({ line }) => `has JSON in line ${line} that is none`),
    ...linesOf(page)
      .filter(({ text }) => /^[\s>*-]+(?:```|~~~)|^~~~/.test(text))
      .map(({ line }) => `has a fence in line ${line} that does not stand at the margin`),
  ];
};

/** Every response says that it is one, so that none is shown and compared with nothing. */
export const responsesAreLabelled: Rule = (page) => {
  const labelled = (text: string): boolean => EXPECTED.test(text);
  const parts = page.parts.filter((part) => part.kind !== 'line' || part.text !== '');
  return [
    ...parts
      .filter((part, at) => {
        const before = parts[at - 1];
        const isLabelled = before?.kind === 'line' && labelled(before.text);
        return part.kind === 'fence' && part.section === USAGE && part.language === 'json' && !isLabelled;
      })
      .map(({ line }) => `has JSON in line ${line} in ## ${USAGE} under no **Expected Response:**`),
    ...linesOf(page)
      .filter(({ text }) => /expected response/i.test(text) && !labelled(text))
      .map(({ line }) => `has a response in line ${line} that does not read **Expected Response (200):**`),
    ...linesOf(page)
      .filter(({ text, section }) => labelled(text) && section !== USAGE)
      .map(({ line }) => `has a response in line ${line} outside ## ${USAGE}: it is compared with nothing`),
  ];
};
