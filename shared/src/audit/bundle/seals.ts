import { openCheckpoint, parseCheckpoint, type Checkpoint, type OpenedCheckpoint } from '../checkpoint.ts';
import { parseNote, type VerifierKey } from '../signed-note.ts';
import type { BareClaims } from './bare-claims.ts';
import type { Findings } from './findings.ts';
import { OlderCheckpoints, type Since, type SinceResult } from './older-checkpoints.ts';
import type { RecentTree } from './recent-tree.ts';

/** A checkpoint that the bundle agrees with and that a given key signed. */
export interface Seal {
  readonly size: number;
  readonly root: string;
  /** Names and ids of the keys. */
  readonly signers: readonly string[];
}

/** What a note says, whether or not somebody known signed it. */
const unsignedCheckpoint = (note: string): Checkpoint | null => {
  const parsed = parseNote(note);
  return parsed && parseCheckpoint(parsed.text);
};

export interface SealsParts {
  readonly keys: readonly VerifierKey[];
  readonly since: readonly Since[];
  readonly tree: RecentTree;
  readonly findings: Findings;
  readonly claims: BareClaims;
}

/** Compares the tree of a bundle with the checkpoints in it, and with those from elsewhere. */
export class Seals {
  readonly #parts: SealsParts;
  readonly #older: OlderCheckpoints;
  /** The largest size at which a root agreed. */
  #agreed = 0;
  /** A line could not be read or is missing: no root can be computed from there on. */
  #lost = false;
  #leaves = 0;
  #notChecked = 0;
  #checked = 0;
  #last: Seal | null = null;

  constructor(parts: SealsParts) {
    this.#parts = parts;
    this.#older = new OlderCheckpoints(parts);
  }

  get last(): Seal | null {
    return this.#last;
  }

  get results(): readonly SinceResult[] {
    return this.#older.results;
  }

  /** Checkpoints among the events: how many agreed, and how many were signed by keys that were not given. */
  get within(): { readonly checked: number; readonly unknownKeys: number } {
    return { checked: this.#checked, unknownKeys: this.#notChecked };
  }

  get isLost(): boolean {
    return this.#lost;
  }

  lose(): void {
    this.#lost = true;
  }

  /** The bundle says of which log it is. */
  begin(origin: string): void {
    this.#older.begin(origin);
  }

  /** So many leaves were seen. Compares with what is known from elsewhere at this size. */
  grown(leaves: number): void {
    this.#leaves = leaves;
    this.#older.grown(leaves, this.#lost);
  }

  /** A checkpoint that stands among the events, as the notary recorded it. */
  recorded(note: string, where: { readonly line: number; readonly leaf: number; readonly event: string }): void {
    const { findings, keys, tree } = this.#parts;
    const at = { line: where.line, leaves: [where.leaf, where.leaf] as const, event: where.event, stream: 'notary' };
    const said = unsignedCheckpoint(note);
    if (said === null || said.size > where.leaf) {
      findings.add('bad-checkpoint', 'it holds no checkpoint of the leaves before it', at);
      return;
    }
    const opened = openCheckpoint(note, keys);
    const known = opened !== null || this.#isOfKnownKey(note);
    if (known && opened === null) findings.add('bad-checkpoint', 'its signature does not hold', at);
    const root = this.#lost ? null : tree.rootAt(said.size);
    if (root === null) return;
    if (!root.equals(said.root)) this.#mismatch(said.size, `the checkpoint recorded as leaf ${where.leaf}`);
    else {
      this.#agreed = Math.max(this.#agreed, said.size);
      if (known) this.#checked += 1;
      else this.#notChecked += 1;
      if (opened) this.#seal(opened);
    }
  }

  /** A checkpoint line. Returns how many leaves it says to cover. */
  line(note: string, origin: string, line: number): number {
    const { findings, keys, tree } = this.#parts;
    const opened = openCheckpoint(note, keys);
    if (opened === null) {
      const known = this.#isOfKnownKey(note);
      const says = known ? 'the signature does not hold' : 'no key that was given signed it';
      findings.add('bad-checkpoint', `The checkpoint in line ${line}: ${says}.`, { line });
      return unsignedCheckpoint(note)?.size ?? 0;
    }
    if (opened.origin !== origin) {
      findings.add('wrong-log', `The checkpoint in line ${line} is of ${opened.origin}, the bundle of ${origin}.`, {
        line,
      });
      return opened.size;
    }
    if (opened.size > this.#leaves) {
      // Which of them, only the last root that agreed can tell: the rest may have been renumbered.
      const missing = [this.#agreed, opened.size - 1] as const;
      findings.add('leaf-missing', `The checkpoint covers ${opened.size} leaves; ${this.#leaves} stand here.`, {
        line,
        leaves: missing,
      });
      return opened.size;
    }
    const root = this.#lost ? null : tree.rootAt(opened.size);
    if (root === null) return opened.size;
    if (!root.equals(opened.root)) this.#mismatch(opened.size, `the checkpoint in line ${line}`);
    else this.#seal(opened);
    return opened.size;
  }

  /** The bundle has ended: what was not reached lies beyond its end. */
  end(): void {
    this.#older.end(this.#leaves);
  }

  #isOfKnownKey(note: string): boolean {
    const signatures = parseNote(note)?.signatures ?? [];
    return signatures.some((one) => this.#parts.keys.some((key) => key.name === one.name && key.keyId === one.keyId));
  }

  #seal(opened: OpenedCheckpoint): void {
    const { size, root, signers } = opened;
    this.#parts.claims.compare(opened);
    this.#agreed = Math.max(this.#agreed, size);
    if (size >= (this.#last?.size ?? 0))
      this.#last = {
        size,
        root: root.toString('base64'),
        signers: signers.map(({ name, keyId }) => `${name}+${keyId}`),
      };
  }

  /** Said once for a range, and only where nothing in it is known to be wrong already. */
  #mismatch(size: number, what: string): void {
    const range = [this.#agreed, size - 1] as const;
    if (this.#parts.findings.concerns(...range)) return;
    this.#parts.findings.add('root-mismatch', `The first ${size} leaves do not have the root that ${what} names.`, {
      leaves: range,
    });
  }
}
