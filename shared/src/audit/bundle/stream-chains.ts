import { HASH_BYTES } from '../merkle-tree.ts';
import type { EventLine } from './bundle-line.ts';
import type { FindingCode } from './findings.ts';

/** What is wrong between an event and the one before it in its stream. */
export interface ChainFault {
  readonly code: FindingCode;
  readonly says: string;
}

/**
 * The end of every stream: hash, revision and time. About 200 bytes a stream, its name included; nothing else of the
 * verifier grows with the log.
 */
export class StreamChains {
  readonly #slots = new Map<string, number>();
  #hashes = Buffer.alloc(1_024 * HASH_BYTES);
  #revisions = new Float64Array(1_024);
  #times = new Float64Array(1_024);

  get count(): number {
    return this.#slots.size;
  }

  /**
   * Takes the next event of its stream. `missing`: which events may be missing by right. Where it is `none`, the first
   * must be the stream's first; where it is `anywhere`, only neighbours are compared.
   */
  next({ event, hash }: EventLine, missing: 'none' | 'before' | 'anywhere'): readonly ChainFault[] {
    const { stream, revision, recordedAt, metadata } = event;
    const time = Date.parse(recordedAt);
    const slot = this.#slots.get(stream);
    const faults: ChainFault[] = [];
    if (Number.isNaN(time)) faults.push({ code: 'bad-time', says: `"${recordedAt}" is no time` });
    if (slot === undefined) {
      if (missing === 'none' && revision !== 0)
        faults.push({ code: 'revision-gap', says: `the stream begins at revision ${revision}, not at 0` });
      if (revision === 0 && metadata.previousHash !== null)
        faults.push({ code: 'chain-broken', says: 'the first event of a stream names one before it' });
      this.#keep(this.#slots.size, hash, revision, time);
      this.#slots.set(stream, this.#slots.size);
      return faults;
    }
    const last = this.#revisions[slot] ?? -1;
    if (missing === 'anywhere' ? revision <= last : revision !== last + 1)
      faults.push({ code: 'revision-gap', says: `revision ${revision} follows revision ${last} of its stream` });
    else if (revision === last + 1 && metadata.previousHash !== this.#hashAt(slot))
      faults.push({ code: 'chain-broken', says: `it does not name the hash of revision ${last} of its stream` });
    const lastTime = this.#times[slot] ?? NaN;
    if (time < lastTime)
      faults.push({
        code: 'time-runs-back',
        says: `it was recorded at ${recordedAt}, and revision ${last} of its stream later`,
      });
    this.#keep(slot, hash, revision, time);
    return faults;
  }

  #hashAt(slot: number): string {
    return this.#hashes.toString('hex', slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
  }

  #keep(slot: number, hash: string, revision: number, time: number): void {
    if (slot >= this.#revisions.length) this.#grow();
    this.#hashes.write(hash, slot * HASH_BYTES, HASH_BYTES, 'hex');
    this.#revisions[slot] = revision;
    this.#times[slot] = time;
  }

  #grow(): void {
    const slots = this.#revisions.length * 2;
    const [hashes, revisions, times] = [
      Buffer.alloc(slots * HASH_BYTES),
      new Float64Array(slots),
      new Float64Array(slots),
    ];
    hashes.set(this.#hashes);
    revisions.set(this.#revisions);
    times.set(this.#times);
    [this.#hashes, this.#revisions, this.#times] = [hashes, revisions, times];
  }
}
