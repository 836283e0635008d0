import type { LineFault } from './read-line.ts';

/** What can be wrong with a bundle, and what it means for whoever relies on it. */
export const FINDINGS = {
  'line-damaged':
    'The file was changed or damaged after it was written, by accident or by somebody who did not know the format.',
  'line-unreadable': 'This is no line of the format, or not written in the one way that it allows.',
  'wrong-header': 'These lines do not belong together, or were written by a program of another version.',
  'event-changed': 'What the event says is not what was recorded: who, what or when was changed afterwards.',
  'leaf-missing': 'Events that the log held were taken out.',
  'leaf-repeated': 'A line was put in, repeated, or moved to another place.',
  'position-order': 'Lines were moved, or positions changed; the log gives every event a later one.',
  'chain-broken': 'The stream’s history was rewritten here: an event before this one was changed, put in or taken out.',
  'revision-gap': 'Events of this stream were taken out, put in or moved.',
  'time-runs-back': 'A recorded time was changed, or events were moved.',
  'bad-time': 'The recorded time is no time.',
  'root-mismatch': 'What was signed is not what stands here: something in this range was changed, put in or taken out.',
  'not-claims':
    'An event was hidden behind its bare hash, as only claims of addresses and names may be, or a claim is shown as an event.',
  'bad-checkpoint': 'Nobody whose key was given vouches for these events.',
  'broken-off': 'The export was broken off. What is checked is the part before; fetch the rest with from_leaf.',
  'not-sealed': 'No signed checkpoint covers these events: they may be real, and nothing proves it.',
  'tail-cut':
    'The log once held more than this: its end was cut off, an older backup was exported, or this export is older than the checkpoint.',
  fork: 'The log that was signed then and this one tell different stories: one of them was rewritten in this range.',
  'wrong-log': 'The checkpoint is of another log.',
  'not-comparable':
    'A filtered export has no root at that size: ask the service for its proof of consistency, or take a full export.',
} as const;
export type FindingCode = keyof typeof FINDINGS;

/** Why a line could not be read, as a finding and in words. */
export const LINE_FAULTS: Readonly<Record<LineFault, readonly [FindingCode, string]>> = {
  damaged: ['line-damaged', 'its check sum does not fit'],
  'not-json': ['line-unreadable', 'it is no JSON'],
  'other-format': ['wrong-header', 'it is of another format or version'],
  'unknown-line': ['line-unreadable', 'it is no line of this format'],
  'not-exact': ['line-unreadable', 'it is not written in the one way that the format allows'],
};

/** Something that is wrong, and where. */
export interface Finding {
  readonly code: FindingCode;
  /** The first and the last leaf that it may concern; null: the file as a whole. */
  readonly leaves: readonly [number, number] | null;
  /** Of the file, from 1; null: no single one. */
  readonly line: number | null;
  /** The event's id and stream, where one is known. */
  readonly event: string | null;
  readonly stream: string | null;
  readonly says: string;
}

/** Findings past this number are only counted. */
const MOST = 1_000;

/** Collects what is found, bounded. */
export class Findings {
  readonly #kept: Finding[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  add(code: FindingCode, says: string, where: Partial<Omit<Finding, 'code' | 'says'>> = {}): void {
    this.#count += 1;
    if (this.#kept.length < MOST)
      this.#kept.push({ code, leaves: null, line: null, event: null, stream: null, ...where, says });
  }

  /** Whether something is known to be wrong among these leaves already. */
  concerns(from: number, to: number): boolean {
    return this.#kept.some(({ leaves }) => leaves !== null && leaves[0] <= to && leaves[1] >= from);
  }
}
