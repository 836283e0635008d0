import { nodesOf } from '../merkle-tree.ts';
import type { VerifierKey } from '../signed-note.ts';
import type { BareLine, EventLine, HeaderLine, SkippedLine } from './bundle-line.ts';
import { Findings, LINE_FAULTS, type Finding, type FindingCode } from './findings.ts';
import { readLine, type LineFault } from './read-line.ts';
import { RecentTree } from './recent-tree.ts';
import { Seals, type Since } from './seals.ts';
import { StreamChains } from './stream-chains.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** The stream of the checkpoints. */
const NOTARY = 'notary';

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

/**
 * Checks a bundle line by line, in memory that grows only with the number of streams. The lines of several parts may
 * be given one after the other. The key comes from elsewhere: nothing in the bundle is trusted.
 */
export class BundleVerifier {
  readonly #findings = new Findings();
  readonly #tree = new RecentTree();
  readonly #chains = new StreamChains();
  readonly #seals: Seals;
  #header: HeaderLine | null = null;
  /** Of the file, from 1. */
  #line = 0;
  /** Leaves seen: the next line's first. */
  #leaves = 0;
  #last: 'nothing' | 'leaves' | 'checkpoint' | 'unreadable' = 'nothing';
  #position = '';
  /** How many leaves the checkpoint lines cover, by what they say. */
  #covered = 0;
  /** The leaves before this one are not in the bundle. */
  #from = 0;
  #events = 0;
  #bare = 0;
  #skipped = 0;
  #opened = false;

  constructor({ keys, since = [] }: { readonly keys: readonly VerifierKey[]; readonly since?: readonly Since[] }) {
    this.#seals = new Seals({ keys, since, tree: this.#tree, findings: this.#findings });
  }

  get events(): number {
    return this.#events;
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
    if (typeof read !== 'string') this.#take(read);
    else if (!another) this.#last = 'nothing';
  }

  end(): Verdict {
    if (this.#header === null) this.#findings.add('wrong-header', 'There is no header.');
    else if (this.#last !== 'checkpoint' && this.#covered < this.#leaves)
      this.#findings.add('broken-off', 'It does not end with a checkpoint.', {
        line: this.#line,
        leaves: [this.#leaves, this.#leaves],
      });
    if (this.#covered > 0 && this.#covered < this.#leaves)
      this.#findings.add('not-sealed', `${this.#leaves - this.#covered} leaves stand behind the last checkpoint.`, {
        leaves: [this.#covered, this.#leaves - 1],
      });
    this.#seals.end();
    return verdictOf({
      findings: this.#findings,
      seals: this.#seals,
      header: this.#header,
      opened: this.#opened,
      counts: {
        leaves: this.#leaves,
        fromLeaf: this.#from,
        events: this.#events,
        bare: this.#bare,
        skipped: this.#skipped,
        streams: this.#chains.count,
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
      this.#add('wrong-header', 'a header must come first');
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
    const same = ({ origin, log_id, filter }: HeaderLine): string => JSON.stringify([origin, log_id, filter]);
    if (first === null) {
      this.#header = header;
      this.#from = header.from_leaf;
    } else if (same(header) !== same(first)) this.#add('wrong-header', 'it begins another export');
    this.#last = 'nothing';
    const nodes = nodesOf({ start: 0, end: header.from_leaf });
    if (nodes.length !== header.before.length) {
      this.#add('wrong-header', 'what stands before it does not add up');
      return;
    }
    if (first === null) {
      for (const [at, { level }] of nodes.entries()) this.#tree.pushSubtree(level, bytesOf(header.before[at] ?? ''));
      this.#leaves = header.from_leaf;
      this.#seals.grown(this.#leaves);
      return;
    }
    if (!this.#stepTo(header.from_leaf)) return;
    const known = this.#seals.isLost ? null : this.#tree.frontierAt(header.from_leaf);
    if (known?.some((node, at) => !node.equals(bytesOf(header.before[at] ?? ''))))
      this.#add('root-mismatch', 'it goes on after other events than stand before it', [0, header.from_leaf - 1]);
  }

  #event(line: EventLine, leafHash: string): void {
    if (!this.#stepTo(line.leaf, line)) return;
    this.#events += 1;
    if (line.opened) this.#opened = true;
    const where = this.#at(line);
    if (leafHash !== line.hash)
      this.#findings.add('event-changed', `Its content has the hash ${leafHash}, the line says ${line.hash}.`, where);
    if (line.position <= this.#position)
      this.#findings.add('position-order', `Its position ${line.position} is not after ${this.#position}.`, where);
    this.#position = line.position;
    const missing = this.#header?.filter ? 'anywhere' : this.#from > 0 ? 'before' : 'none';
    for (const { code, says } of this.#chains.next(line, missing)) this.#findings.add(code, `${says}.`, where);
    // As the line says, so that one changed event is found as one.
    this.#grow(line.hash);
    const { stream, data } = line.event;
    const note = stream === NOTARY ? data['note'] : undefined;
    if (typeof note === 'string')
      this.#seals.recorded(note, { line: this.#line, leaf: line.leaf, event: line.event.id });
  }

  #bareLeaves({ bare: { from, hashes } }: BareLine): void {
    if (!this.#stepTo(from)) return;
    this.#bare += hashes.length;
    for (const hash of hashes) this.#grow(hash);
  }

  #skip({ skipped: { from, to, subtrees } }: SkippedLine): void {
    if (!this.#stepTo(from)) return;
    const nodes = to > from ? nodesOf({ start: from, end: to }) : [];
    if (nodes.length === 0 || nodes.length !== subtrees.length) {
      this.#unreadable('unknown-line');
      return;
    }
    if (!this.#header?.filter) this.#add('leaf-missing', 'a full export leaves nothing out', [from, to - 1]);
    this.#skipped += to - from;
    for (const [at, { level }] of nodes.entries())
      if (!this.#seals.isLost) this.#tree.pushSubtree(level, bytesOf(subtrees[at] ?? ''));
    this.#leaves = to;
    this.#seals.grown(to);
  }

  #grow(hash: string): void {
    if (!this.#seals.isLost) this.#tree.push(bytesOf(hash));
    this.#leaves += 1;
    this.#seals.grown(this.#leaves);
  }

  /** Whether the line goes on where the last one ended; where leaves are missing, they are passed over. */
  #stepTo(leaf: number, line?: EventLine): boolean {
    // Behind a line that could not be read, the count begins anew.
    const uncertain = this.#last === 'unreadable';
    this.#last = 'leaves';
    if (leaf === this.#leaves) return true;
    const where = line ? this.#at(line) : { line: this.#line };
    if (leaf < this.#leaves) {
      const says = `Leaf ${leaf} stands here again, where ${this.#leaves} is due.`;
      this.#findings.add('leaf-repeated', says, { ...where, leaves: [leaf, leaf] });
      return false;
    }
    if (!uncertain)
      this.#findings.add('leaf-missing', `The leaves ${this.#leaves} to ${leaf - 1} are missing.`, {
        ...where,
        leaves: [this.#leaves, leaf - 1],
      });
    this.#seals.lose();
    this.#leaves = leaf;
    return true;
  }

  #unreadable(fault: LineFault): void {
    const [code, says] = LINE_FAULTS[fault];
    this.#add(code, says, [this.#leaves, this.#leaves]);
    this.#last = 'unreadable';
    this.#seals.lose();
  }

  #add(code: FindingCode, says: string, leaves: Finding['leaves'] = null): void {
    this.#findings.add(code, `Line ${this.#line}: ${says}.`, { line: this.#line, leaves });
  }

  #at({ leaf, event }: EventLine): Pick<Finding, 'line' | 'leaves' | 'event' | 'stream'> {
    return { line: this.#line, leaves: [leaf, leaf], event: event.id, stream: event.stream };
  }
}
