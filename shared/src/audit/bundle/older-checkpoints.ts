import type { OpenedCheckpoint } from '../checkpoint.ts';
import type { BareClaims } from './bare-claims.ts';
import type { Findings } from './findings.ts';
import type { RecentTree } from './recent-tree.ts';

/** A checkpoint from elsewhere (a sink), which the log must still agree with. */
export interface Since extends OpenedCheckpoint {
  /** What to call it: its file. */
  readonly from: string;
}

export interface SinceResult {
  readonly from: string;
  readonly size: number;
  readonly outcome: 'agrees' | 'fork' | 'cut' | 'wrong-log' | 'not-comparable';
}

interface Parts {
  readonly since: readonly Since[];
  readonly tree: RecentTree;
  readonly findings: Findings;
  readonly claims: BareClaims;
}

/** Compares a bundle with checkpoints that were kept elsewhere, as soon as it has so many leaves. */
export class OlderCheckpoints {
  readonly #parts: Parts;
  /** By size, those not reached yet. */
  #waiting: readonly Since[];
  readonly #results: SinceResult[] = [];
  /** The largest size at which one agreed. Whoever has the notary's key can sign all that stands within a bundle. */
  #agreed = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#waiting = parts.since.toSorted((a, b) => a.size - b.size);
  }

  get results(): readonly SinceResult[] {
    return this.#results;
  }

  /** Those of another log have nothing to be compared with. */
  begin(origin: string): void {
    for (const since of this.#waiting.filter((one) => one.origin !== origin)) {
      this.#result(since, 'wrong-log');
      const says = `The checkpoint in ${since.from} is of ${since.origin}, the bundle of ${origin}.`;
      this.#parts.findings.add('wrong-log', says);
    }
    this.#waiting = this.#waiting.filter((one) => one.origin === origin);
  }

  grown(leaves: number, isLost: boolean): void {
    for (let [first] = this.#waiting; first !== undefined && first.size <= leaves; [first] = this.#waiting) {
      this.#waiting = this.#waiting.slice(1);
      this.#compare(first, isLost);
    }
  }

  /** The bundle has ended: what was not reached lies beyond its end. */
  end(leaves: number): void {
    for (const since of this.#waiting) {
      this.#result(since, 'cut');
      const says = `The checkpoint in ${since.from} covers ${since.size} leaves; ${leaves} stand here.`;
      this.#parts.findings.add('tail-cut', says, { leaves: [leaves, since.size - 1] });
    }
    this.#waiting = [];
  }

  #compare(since: Since, isLost: boolean): void {
    const { tree, findings, claims } = this.#parts;
    const root = isLost ? null : tree.rootAt(since.size);
    if (root === null) {
      this.#result(since, 'not-comparable');
      const says = `${since.from}: this bundle says nothing about the log at ${since.size} leaves.`;
      if (!isLost) findings.add('not-comparable', says);
    } else if (root.equals(since.root)) {
      this.#result(since, 'agrees');
      this.#agreed = since.size;
      // What stands within agrees with itself: which of the two is wrong, nobody can tell here.
      claims.compare(since, 0);
    } else {
      this.#result(since, 'fork');
      const says = `The first ${since.size} leaves do not have the root that ${since.from} names.`;
      findings.add('fork', says, { leaves: [this.#agreed, since.size - 1] });
    }
  }

  #result({ from, size }: Since, outcome: SinceResult['outcome']): void {
    this.#results.push({ from, size, outcome });
  }
}
