/** Control characters, and those that nobody sees: a stored name may move the cursor, or turn the line around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_none, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** One line that does nothing to a terminal but stand there. */
export const printable = (line: string): string => line.replaceAll(UNSEEN, escaped);

/** A value in words of JSON, in one line. */
export const inWords = (value: unknown): string => printable(JSON.stringify(value ?? null));

/** JSON with indents that reads back as the value, and does nothing to a terminal either. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).split('\n').map(printable).join('\n');
