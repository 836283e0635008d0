import { NOTARY } from '../../contracts/streams.ts';
import type { EventLine } from './bundle-line.ts';
import type { Finding, Findings } from './findings.ts';
import type { LeafTree } from './leaf-tree.ts';
import type { Seals } from './seals.ts';
import { StreamChains } from './stream-chains.ts';

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Where something is wrong that concerns an event. */
export const placeOf = (
  { leaf, event }: EventLine,
  line: number,
): Pick<Finding, 'line' | 'leaves' | 'event' | 'stream'> => ({
  ...{ line, leaves: [leaf, leaf] as const },
  ...{ event: event.id, stream: event.stream },
});

interface Parts {
  readonly findings: Findings;
  readonly tree: LeafTree;
  readonly seals: Seals;
}

/** Checks the events of a bundle, each where it is due: its hash, its place, the chain of its stream, and what it seals. */
export class EventLines {
  readonly #parts: Parts;
  readonly #chains = new StreamChains();
  #count = 0;
  #opened = false;
  #position = '';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#count;
  }

  get streams(): number {
    return this.#chains.count;
  }

  /** Whether values stand in the clear beside one of them. */
  get opened(): boolean {
    return this.#opened;
  }

  /** `leafHash`: of what stands there. `missing`: which events may be missing by right. `at`: the line. */
  take(
    line: EventLine,
    { leafHash, missing, at }: { leafHash: string; missing: Parameters<StreamChains['next']>[1]; at: number },
  ): void {
    const { findings, tree, seals } = this.#parts;
    this.#count += 1;
    if (line.opened) this.#opened = true;
    const where = placeOf(line, at);
    if (leafHash !== line.hash)
      findings.add('event-changed', `Its content has the hash ${leafHash}, the line says ${line.hash}.`, where);
    if (line.position <= this.#position)
      findings.add('position-order', `Its position ${line.position} is not after ${this.#position}.`, where);
    this.#position = line.position;
    for (const { code, says } of this.#chains.next(line, missing)) findings.add(code, `${says}.`, where);
    // As the line says, so that one changed event is found as one.
    tree.add(leafHash === line.hash || isHash(line.hash) ? line.hash : leafHash);
    const { id, stream, data } = line.event;
    const note = stream === NOTARY ? data['note'] : undefined;
    if (typeof note === 'string') seals.recorded(note, { line: at, leaf: line.leaf, event: id });
  }
}
