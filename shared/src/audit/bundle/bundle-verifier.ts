import { originOf } from '../checkpoint.ts';
import type { VerifierKey } from '../signed-note.ts';
import { BareClaims } from './bare-claims.ts';
import type { BareLine, EventLine, HeaderLine, SkippedLine } from './bundle-line.ts';
import { EventLines, placeOf } from './event-lines.ts';
import { Findings, LINE_FAULTS, type Finding, type FindingCode } from './findings.ts';
import { LeafTree } from './leaf-tree.ts';
import { readLine, type LineFault } from './read-line.ts';
import { RecentTree } from './recent-tree.ts';
import type { Since } from './older-checkpoints.ts';
import { Seals } from './seals.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/**
 * Checks a bundle line by line, in memory that grows only with the number of streams. The lines of several parts may
 * be given one after the other. The key comes from elsewhere: nothing in the bundle is trusted.
 */
export class BundleVerifier {
  readonly #findings = new Findings();
  readonly #claims = new BareClaims(this.#findings);
  readonly #seals: Seals;
  readonly #events: EventLines;
  readonly #tree: LeafTree;
  #header: HeaderLine | null = null;
  /** Of the file, from 1. */
  #line = 0;
  #last: 'nothing' | 'leaves' | 'checkpoint' | 'unreadable' = 'nothing';
  /** How many leaves the checkpoint lines cover, by what they say. */
  #covered = 0;
  /** The leaves before this one are not in the bundle. */
  #from = 0;
  readonly #counts = { bare: 0, skipped: 0 };

  constructor({ keys, since = [] }: { readonly keys: readonly VerifierKey[]; readonly since?: readonly Since[] }) {
    const tree = new RecentTree();
    this.#seals = new Seals({ keys, since, tree, findings: this.#findings, claims: this.#claims });
    this.#tree = new LeafTree(tree, this.#seals);
    this.#events = new EventLines({ findings: this.#findings, tree: this.#tree, seals: this.#seals });
  }

  get events(): number {
    return this.#events.count;
  }

  /** The next line, without its line feed. The bytes are looked at only during this call. */
  next(bytes: Buffer): void {
    this.#line += 1;
    this.#take(readLine(bytes));
  }

  /** What stands at the end of a file without a line feed. Where a part follows, a torn line is passed over. */
  rest(bytes: Buffer, another: boolean): void {
    const read = readLine(bytes);
    this.#line += 1;
    if (typeof read !== 'string' || (!another && this.#last === 'checkpoint')) this.#take(read);
    else if (!another) this.#last = 'nothing';
  }

  end(): Verdict {
    if (this.#header === null) this.#findings.add('wrong-header', 'There is no header.');
    else if (this.#last !== 'checkpoint' && (this.#covered < this.#tree.leaves || this.#findings.count === 0))
      this.#findings.add('broken-off', 'It does not end with a checkpoint.', {
        line: this.#line,
        leaves: [this.#tree.leaves, this.#tree.leaves],
      });
    if (this.#covered > 0 && this.#covered < this.#tree.leaves)
      this.#findings.add(
        'not-sealed',
        `${this.#tree.leaves - this.#covered} leaves stand behind the last checkpoint.`,
        {
          leaves: [this.#covered, this.#tree.leaves - 1],
        },
      );
    this.#seals.end();
    return verdictOf({
      findings: this.#findings,
      seals: this.#seals,
      header: this.#header,
      opened: this.#events.opened,
      counts: {
        leaves: this.#tree.leaves,
        fromLeaf: this.#from,
        events: this.#events.count,
        ...this.#counts,
        bareProved: this.#claims.proved,
        streams: this.#events.streams,
      },
    });
  }

  #take(read: ReturnType<typeof readLine>): void {
    if (typeof read === 'string') {
      this.#unreadable(read);
      return;
    }
    const { line, leafHash } = read;
    if ('format' in line) {
      this.#begin(line);
      return;
    }
    if (this.#header === null) {
      // Once is enough: nothing behind it can be checked.
      if (this.#line <= 2) this.#add('wrong-header', 'a header must come first');
      return;
    }
    if ('event' in line) {
      this.#event(line, leafHash);
      return;
    }
    if ('bare' in line) {
      this.#bareLeaves(line);
      return;
    }
    if ('skipped' in line) {
      this.#skip(line);
      return;
    }
    this.#covered = Math.max(this.#covered, this.#seals.line(line.checkpoint, this.#header.origin, this.#line));
    this.#last = 'checkpoint';
  }

  #begin(header: HeaderLine): void {
    const first = this.#header;
    if (header.origin !== originOf(header.log_id)) this.#add('wrong-header', 'its origin is not that of its log_id');
    const same = ({ origin, log_id, filter }: HeaderLine): string => JSON.stringify([origin, log_id, filter]);
    if (first === null) {
      this.#header = header;
      this.#from = header.from_leaf;
      this.#seals.begin(header.origin);
      if (header.filter === null && header.from_leaf === 0) this.#claims.whole();
    } else if (same(header) !== same(first)) this.#add('wrong-header', 'it begins another export');
    this.#last = 'nothing';
    if (first === null) {
      if (!this.#tree.addUpTo(header.from_leaf, header.before))
        this.#add('wrong-header', 'what stands before it does not add up');
    } else if (this.#stepTo(header.from_leaf) && this.#tree.differsFrom(header.before))
      this.#add('root-mismatch', 'it goes on after other events than stand before it', [0, header.from_leaf - 1]);
  }

  #event(line: EventLine, leafHash: string): void {
    if (!this.#stepTo(line.leaf, line)) return;
    const missing = this.#header?.filter ? 'anywhere' : this.#from > 0 ? 'before' : 'none';
    this.#events.take(line, { leafHash, missing, at: this.#line });
  }

  #bareLeaves({ bare: { from, hashes } }: BareLine): void {
    if (!this.#stepTo(from)) return;
    this.#counts.bare += hashes.length;
    for (const hash of hashes) {
      this.#claims.add(this.#tree.leaves);
      this.#tree.add(hash);
    }
  }

  #skip({ skipped: { from, to, subtrees } }: SkippedLine): void {
    if (!this.#stepTo(from)) return;
    if (!this.#header?.filter) this.#add('leaf-missing', 'a full export leaves nothing out', [from, to - 1]);
    if (to > from && this.#tree.addUpTo(to, subtrees)) this.#counts.skipped += to - from;
    else this.#unreadable('unknown-line');
  }

  /** Whether the line goes on where the last one ended; where leaves are missing, they are passed over. */
  #stepTo(leaf: number, line?: EventLine): boolean {
    // Behind a line that could not be read, the count begins anew.
    const uncertain = this.#last === 'unreadable';
    this.#last = 'leaves';
    if (leaf === this.#tree.leaves) return true;
    const where = line ? placeOf(line, this.#line) : { line: this.#line };
    if (leaf < this.#tree.leaves) {
      const says = `Leaf ${leaf} stands here again, where ${this.#tree.leaves} is due.`;
      this.#findings.add('leaf-repeated', says, { ...where, leaves: [leaf, leaf] });
      return false;
    }
    if (!uncertain)
      this.#findings.add('leaf-missing', `The leaves ${this.#tree.leaves} to ${leaf - 1} are missing.`, {
        ...where,
        leaves: [this.#tree.leaves, leaf - 1],
      });
    this.#tree.passTo(leaf);
    return true;
  }

  #unreadable(fault: LineFault): void {
    const [code, says] = LINE_FAULTS[fault];
    this.#add(code, says, [this.#tree.leaves, this.#tree.leaves]);
    this.#last = 'unreadable';
    this.#seals.lose();
  }

  #add(code: FindingCode, says: string, leaves: Finding['leaves'] = null): void {
    this.#findings.add(code, `Line ${this.#line}: ${says}.`, { line: this.#line, leaves });
  }
}
