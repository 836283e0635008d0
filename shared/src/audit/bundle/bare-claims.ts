import type { Checkpoint } from '../checkpoint.ts';
import { claimsOf, NO_CLAIMS, withClaim, type Claims } from '../claims.ts';
import type { Findings } from './findings.ts';

/** Bare leaves that it can look back: a checkpoint is recorded soon behind the leaves that it covers. */
const WINDOW = 4_096;

interface Step {
  readonly leaf: number;
  readonly claims: Claims;
}

/** Compares the bare leaves of a full export with what signed checkpoints say of claims: else any event could hide there. */
export class BareClaims {
  readonly #findings: Findings;
  /** The newest bare leaves, and the claims up to and with each. */
  #steps: Step[] = [{ leaf: -1, claims: NO_CLAIMS }];
  #isWhole = false;
  /** The largest size at which a checkpoint's claims agreed, and how many they were. */
  #agreed = 0;
  #proved = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** How many bare leaves are proved to be claims. */
  get proved(): number {
    return this.#proved;
  }

  /** Nothing is left out of this bundle, and it begins at leaf 0: else nothing can be compared. */
  whole(): void {
    this.#isWhole = true;
  }

  add(leaf: number): void {
    this.#steps.push({ leaf, claims: withClaim(this.#steps.at(-1)?.claims ?? NO_CLAIMS, leaf) });
    if (this.#steps.length > 2 * WINDOW) this.#steps = this.#steps.slice(-WINDOW);
  }

  /** A checkpoint that a given key signed, with the root that the leaves have. `from`: where it may be wrong from. */
  compare(checkpoint: Checkpoint, from = this.#agreed): void {
    const { size } = checkpoint;
    const own = this.#steps.findLast(({ leaf }) => leaf < size)?.claims;
    const said = claimsOf(checkpoint);
    if (!this.#isWhole || said === null || own === undefined) return;
    if (said.count === own.count && said.digest.equals(own.digest)) {
      this.#agreed = Math.max(this.#agreed, size);
      this.#proved = Math.max(this.#proved, own.count);
      return;
    }
    const range = [from, size - 1] as const;
    if (this.#findings.concerns(...range)) return;
    const says = `Of the first ${size} leaves ${own.count} are bare here; the notary signed which ${said.count} are claims, and they are not these.`;
    this.#findings.add('not-claims', says, { leaves: range });
  }
}
