/** A fenced block: its language, its text, and the line (from 1 on) of its first line of text. */
export interface Fence {
  readonly kind: 'fence';
  readonly language: string;
  readonly text: string;
  readonly line: number;
  readonly section: string;
}

export interface Heading {
  readonly kind: 'heading';
  readonly level: number;
  readonly text: string;
  readonly line: number;
}

/** Any other line. */
export interface Line {
  readonly kind: 'line';
  readonly text: string;
  readonly line: number;
  /** The heading of the second level that it stands under; `''` before the first. */
  readonly section: string;
}

export type Part = Fence | Heading | Line;

/** A page of Markdown, in the order of its lines. */
export interface Page {
  /** From the project's folder on. */
  readonly file: string;
  readonly parts: readonly Part[];
}

const FENCE = /^(`{3,})\s*([\w-]*)\s*$/;

/** Reads the little of Markdown that the project's pages use: headings with `#`, fences at the margin, lines. */
export const readPage = (file: string, text: string): Page => {
  const lines = text.split('\n');
  const parts: Part[] = [];
  let section = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const heading = /^(#{1,6}) (.+?)\s*$/.exec(line);
    const fence = FENCE.exec(line);
    if (heading) {
      const [, { length: level } = '', title = ''] = heading;
      if (level <= 2) section = level === 2 ? title : '';
      parts.push({ kind: 'heading', level, text: title, line: at + 1 });
    } else if (fence) {
      const [, ticks = '', language = ''] = fence;
      const end = lines.indexOf(ticks, at + 1);
      if (end < 0) throw new Error(`${file}:${at + 1}: this fence is never closed`);
      const within = lines.slice(at + 1, end).map((each) => `${each}\n`);
      parts.push({ kind: 'fence', language, text: within.join(''), line: at + 2, section });
      at = end;
    } else parts.push({ kind: 'line', text: line, line: at + 1, section });
  }
  return { file, parts };
};

export const fencesOf = ({ parts }: Page): readonly Fence[] => parts.filter((part) => part.kind === 'fence');
export const headingsOf = ({ parts }: Page): readonly Heading[] => parts.filter((part) => part.kind === 'heading');
export const linesOf = ({ parts }: Page, section?: string): readonly Line[] =>
  parts.filter((part) => part.kind === 'line').filter((line) => section === undefined || line.section === section);
