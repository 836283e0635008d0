import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { BUNDLE_FORMAT, type HeaderLine, type Leaf, writeLine } from '@rollbook/shared/audit/bundle/bundle-line';
import { formatCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { claimsLine, NO_CLAIMS, withClaim } from '@rollbook/shared/audit/claims';
import { GrowingTree, type NodeId } from '@rollbook/shared/audit/merkle-tree';
import { formatVerifierKey, signNote, verifierKey } from '@rollbook/shared/audit/signed-note';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { drawFrom } from './draw.ts';

export const ORIGIN = 'rollbook/00000000-0000-4000-8000-00000000abcd';
/** Of which made ciphertexts are cut. */
const NOISE = createHash('shake256', { outputLength: 6_000 }).update('noise').digest('base64');
const START = Date.parse('2026-01-02T03:04:05.000Z');

export interface NotaryKey {
  readonly privateKey: KeyObject;
  /** As `--key` takes it. */
  readonly vkey: string;
}

/** A new key of a notary. */
export const notaryKey = (privateKey = generateKeyPairSync('ed25519').privateKey): NotaryKey => ({
  privateKey,
  vkey: formatVerifierKey(verifierKey(ORIGIN, privateKey)),
});

/** What a line of an export is made from. */
export type MadeLeaf =
  | { readonly event: Leaf; readonly leaf: number; readonly hash: string; readonly position: string }
  | { readonly bare: string; readonly leaf: number };

interface StreamEnd {
  revision: number;
  hash: string | null;
}

/**
 * Makes a log that looks like a real one, out of a seed: people who change and sign in, claims of names, now and then a
 * checkpoint. The same seed gives the same log, whatever is read of it.
 */
export class AuditLog {
  readonly tree = new GrowingTree();
  readonly #draw: () => number;
  readonly #ends = new Map<string, StreamEnd>();
  readonly #people: number;
  readonly #checkpointEvery: number;
  #key: NotaryKey;
  #waiting: string | null = null;
  #claims = NO_CLAIMS;

  constructor(options: { seed: number; key: NotaryKey; people?: number; checkpointEvery?: number }) {
    this.#draw = drawFrom(options.seed);
    this.#people = options.people ?? 20;
    this.#checkpointEvery = options.checkpointEvery ?? 50;
    this.#key = options.key;
  }

  /** From here on, checkpoints are signed with another key. */
  rotate(key: NotaryKey): void {
    this.#key = key;
  }

  /** The signed note over everything so far. */
  checkpoint(key = this.#key, extensions = [claimsLine(this.#claims)]): string {
    const checkpoint = { origin: ORIGIN, size: this.tree.size, root: this.tree.root(), extensions };
    return signNote(formatCheckpoint(checkpoint), [{ name: ORIGIN, privateKey: key.privateKey }]);
  }

  next(): MadeLeaf {
    const leaf = this.tree.size;
    // A checkpoint is recorded some events after the ones that it covers.
    if (leaf % this.#checkpointEvery === 0 && leaf > 0) this.#waiting = this.checkpoint();
    if (this.#waiting !== null && this.#draw() < 0.5) {
      const note = this.#waiting;
      this.#waiting = null;
      return this.#append('notary', 'CheckpointSigned', { note, size: leaf });
    }
    const person = this.#uuid(Math.floor(this.#draw() * this.#people));
    const kind = this.#draw();
    if (kind < 0.1) return this.#claim(`emailclaim-${this.#uuid(leaf)}`);
    if (kind < 0.6) return this.#append(`user-${person}`, 'ProfileChanged', { fields: ['name', 'phone'] }, person);
    return this.#append(
      `signin-${person}`,
      'SignedIn',
      { sessionId: this.#uuid(leaf), at: [1.5, 1e21, null, 'ü'] },
      person,
    );
  }

  #claim(stream: string): MadeLeaf {
    this.#claims = withClaim(this.#claims, this.tree.size);
    const made = this.#append(stream, 'EmailClaimed', { userId: stream });
    return 'event' in made ? { bare: made.hash, leaf: made.leaf } : made;
  }

  #append(stream: string, type: string, data: Leaf['data'], person: string | null = null): MadeLeaf {
    const leaf = this.tree.size;
    const end = this.#ends.get(stream) ?? { revision: -1, hash: null };
    const request = `req_${this.#uuid(leaf)}`;
    const part = (subject: string) => ({
      subject,
      keyId: this.#uuid(7),
      nonce: this.#text(16),
      ciphertext: this.#text(160),
    });
    const metadata = {
      actor: person === null ? ({ kind: 'system', id: null } as const) : ({ kind: 'person', id: person } as const),
      requestId: request,
      correlationId: request,
      causationId: null,
      commandId: this.#uuid(leaf + 1),
      previousHash: end.hash,
    };
    const event = {
      id: this.#uuid(leaf + 2),
      type,
      schemaVersion: 1,
      stream,
      revision: end.revision + 1,
      recordedAt: new Date(START + leaf * 250).toISOString(),
      data,
      personal: person === null ? [] : [part(person)],
      metadata,
    };
    const hash = hashEvent(event);
    end.revision += 1;
    end.hash = hash;
    this.#ends.set(stream, end);
    this.tree.append(Buffer.from(hash, 'hex'));
    return { event, leaf, hash, position: String(leaf + 1).padStart(20, '0') };
  }

  #uuid(n: number): string {
    return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  }

  /** Base64 that looks like ciphertext. */
  #text(length: number): string {
    const from = Math.floor(this.#draw() * (NOISE.length - length));
    return NOISE.slice(from, from + length);
  }
}

/** The lines of an export of so much of the log, the checkpoint at its end included. */
export function* bundleLines(log: AuditLog, size: number, header: Partial<HeaderLine> = {}): Generator<string> {
  yield headerOf(size, header);
  for (let leaf = 0; leaf < size; leaf += 1) yield lineOf(log.next());
  yield writeLine({ checkpoint: log.checkpoint() });
}

export const headerOf = (size: number, header: Partial<HeaderLine> = {}): string =>
  writeLine({
    format: BUNDLE_FORMAT,
    origin: ORIGIN,
    log_id: ORIGIN.slice('rollbook/'.length),
    filter: null,
    from_leaf: 0,
    before: [],
    size,
    exported_at: '2026-01-03T00:00:00.000Z',
    exporter: { kind: 'person', id: '00000000-0000-4000-8000-000000000001' },
    keys: [],
    ...header,
  });

export const lineOf = (made: MadeLeaf): string =>
  'event' in made ? writeLine(made) : writeLine({ bare: { from: made.leaf, hashes: [made.bare] } });

/** A line's text with the check that belongs to it. */
export const withCheck = (text: string): string => `${text},"crc32":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;

/** The hash of a whole subtree of the leaves (hex). */
export const subtreeHash = (leaves: readonly string[], { level, index }: NodeId): string => {
  const tree = new GrowingTree();
  for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) tree.append(Buffer.from(leaf, 'hex'));
  return tree.root().toString('hex');
};
