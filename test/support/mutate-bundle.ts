import type { KeyObject } from 'node:crypto';
import {
  writeLine,
  type BundleLine,
  type EventLine,
  type HeaderLine,
  type Leaf,
} from '@rollbook/shared/audit/bundle/bundle-line';
import { formatCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { GrowingTree } from '@rollbook/shared/audit/merkle-tree';
import { signNote } from '@rollbook/shared/audit/signed-note';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import type { Verdict } from '@rollbook/shared/audit/bundle/verdict';
import type { JsonObject } from '@rollbook/shared/kernel/json';

/** A bundle with something done to it, and where that must be found. */
export interface Mutation {
  readonly kind: MutationKind;
  readonly bundle: Buffer;
  /** Checkpoints from elsewhere that the verifier is given. */
  readonly since: readonly string[];
  /** One of these must be named: a leaf, a stream, or a line (from 1). */
  readonly leaves: readonly number[];
  readonly streams: readonly string[];
  readonly line: number | null;
}

export interface Original {
  /** The lines of a full export, each with its line feed. */
  readonly lines: readonly string[];
  /** The newest checkpoint that a sink holds: of the whole export. */
  readonly newest: string;
  /** Of the notary, for whoever has stolen it. */
  readonly privateKey: KeyObject;
}

export type MutationKind = (typeof MUTATION_KINDS)[number];
export const MUTATION_KINDS = [
  'bit flip',
  'line deleted',
  'event taken out, the rest renumbered',
  'line repeated',
  'made-up event put in, the rest renumbered',
  'lines swapped',
  'events swapped, numbers kept',
  'actor changed',
  'actor changed, hash recomputed',
  'actor changed, chain recomputed',
  'time changed',
  'time changed, chain recomputed',
  'tail cut, older checkpoint put there',
  'older backup',
  'fork signed with the stolen key',
] as const;

type Parsed = Record<string, any>;
const parse = (line: string): Parsed => {
  const { crc32: _check, ...rest } = JSON.parse(line) as Parsed;
  return rest;
};
const isEvent = (line: string): boolean => line.startsWith('{"event":');
const write = (line: Parsed): string => writeLine(line as BundleLine);

const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''));
const firstLeafOf = (line: string): number => {
  const parsed = parse(line);
  return Number(parsed['leaf'] ?? parsed['bare']?.from ?? 0);
};

/** All leaf lines renumbered and placed anew, as somebody would who knows the format. */
const renumbered = (lines: readonly string[]): readonly string[] => {
  let leaf = 0;
  let position = 0;
  return lines.map((line) => {
    const parsed = parse(line);
    if (isEvent(line)) {
      position += 1;
      return write({ ...parsed, leaf: leaf++, position: String(position).padStart(20, '0') });
    }
    if (!parsed['bare']) return line;
    const from = leaf;
    leaf += Number(parsed['bare'].hashes.length);
    return write({ bare: { ...parsed['bare'], from } });
  });
};

const rehashed = (line: Parsed): EventLine => {
  const event = line['event'] as Leaf;
  return { ...(line as EventLine), hash: hashEvent(event) };
};

/** The chain of the changed event's stream, computed anew from there on: only the tree can tell. */
const rechained = (lines: readonly string[], from: number): readonly string[] => {
  const changed = [...lines];
  let previous: string | null = null;
  const { stream } = parse(lines[from]!)['event'] as Leaf;
  for (let at = from; at < lines.length; at += 1) {
    if (!isEvent(lines[at]!)) continue;
    const line = parse(lines[at]!);
    const event = line['event'] as Leaf;
    if (event.stream !== stream) continue;
    const metadata = { ...event.metadata, ...(previous === null ? {} : { previousHash: previous }) };
    const again = rehashed({ ...line, event: { ...event, metadata } });
    previous = again.hash;
    changed[at] = write(again);
  }
  return changed;
};

/** Everything from this line on told anew, chains, checkpoints and all, and signed: only an older witness can tell. */
const forked = (
  lines: readonly string[],
  from: number,
  privateKey: Original['privateKey'],
  change: (event: any) => void,
) => {
  const header = parse(lines[0]!) as HeaderLine;
  const tree = new GrowingTree();
  const roots = new Map<number, Buffer>();
  const ends = new Map<string, string>();
  const note = (size: number): string =>
    signNote(formatCheckpoint({ origin: header.origin, size, root: roots.get(size)!, extensions: [] }), [
      { name: header.origin, privateKey },
    ]);
  const told = lines.map((line, at) => {
    roots.set(tree.size, tree.root());
    const parsed = parse(line);
    if (parsed['bare']) {
      for (const hash of parsed['bare'].hashes) {
        tree.append(Buffer.from(hash, 'hex'));
        roots.set(tree.size, tree.root());
      }
      return line;
    }
    if (parsed['checkpoint']) return write({ checkpoint: note(tree.size) });
    if (!isEvent(line)) return line;
    const event = parsed['event'];
    if (at === from) change(event);
    if (at >= from && typeof event.data.note === 'string') {
      event.data = {
        ...event.data,
        note: note(event.data.size),
        root: roots.get(event.data.size)!.toString('base64'),
      } as JsonObject;
    }
    event.metadata.previousHash = ends.get(event.stream) ?? event.metadata.previousHash;
    const again = rehashed({ ...parsed, event });
    ends.set(event.stream, again.hash);
    tree.append(Buffer.from(again.hash, 'hex'));
    return write(again);
  });
  return told;
};

/** A checkpoint within the export, and how many leaves it covers. */
const checkpointsIn = (lines: readonly string[]): readonly { readonly note: string; readonly size: number }[] =>
  lines.flatMap((line) => {
    const data = isEvent(line) ? (parse(line)['event'].data as Parsed) : {};
    return typeof data['note'] === 'string' ? [{ note: data['note'], size: Number(data['size']) }] : [];
  });

/** The same mutation for the same draws. */
export const mutate = (kind: MutationKind, { lines, newest, privateKey }: Original, draw: () => number): Mutation => {
  const below = (n: number): number => Math.floor(draw() * n);
  const events = lines.flatMap((line, at) => (isEvent(line) ? [at] : []));
  const leaves = lines.flatMap((line, at) => (at > 0 && at < lines.length - 1 && line !== '' ? [at] : []));
  const pick = (from: readonly number[]): number => from[below(from.length)]!;
  // A stolen key is of no use to change what the notary itself said: it is told anew anyway.
  const peoples = events.filter((at) => !lines[at]!.includes('"stream":"notary"'));
  const at = pick(peoples);
  const leaf = firstLeafOf(lines[at]!);
  const { stream } = parse(lines[at]!)['event'] as Leaf;
  const found = (bundle: readonly string[], where: Partial<Mutation>): Mutation => ({
    ...{ kind, bundle: joined(bundle), since: [], leaves: [leaf], streams: [stream], line: null },
    ...where,
  });
  const changed = (change: (event: any) => void, then: 'as it is' | 'hash' | 'chain'): readonly string[] => {
    const line = parse(lines[at]!);
    change(line['event']);
    const once = lines.with(at, write(then === 'as it is' ? line : rehashed(line)));
    return then === 'chain' ? rechained(once, at) : once;
  };
  const otherActor = (event: any): void => {
    event.metadata.actor = { kind: 'person', id: `00000000-0000-4000-8000-${String(below(1e9)).padStart(12, '0')}` };
  };
  const otherTime = (event: any): void => {
    event.recordedAt = new Date(Date.parse(event.recordedAt) + (below(2) ? 1 : -1) * (1 + below(5_000))).toISOString();
  };
  switch (kind) {
    case 'bit flip': {
      const bundle = joined(lines);
      const byte = below(bundle.length);
      bundle[byte]! ^= 1 << below(8);
      const line =
        joined(lines)
          .subarray(0, byte)
          .filter((one) => one === 10).length + 1;
      return { kind, bundle, since: [], leaves: [], streams: [], line };
    }
    case 'line deleted': {
      const gone = pick(leaves);
      return found(lines.toSpliced(gone, 1), { leaves: [firstLeafOf(lines[gone]!)], streams: [] });
    }
    case 'event taken out, the rest renumbered':
      return found(renumbered(lines.toSpliced(at, 1)), {});
    case 'line repeated': {
      const repeated = pick(leaves);
      const to = pick(leaves);
      return found(lines.toSpliced(to, 0, lines[repeated]!), { leaves: [], streams: [], line: to + 1 });
    }
    case 'made-up event put in, the rest renumbered': {
      const line = parse(lines[at]!);
      const event = {
        ...line['event'],
        id: '00000000-0000-4000-8000-0000000bad00',
        stream: 'user-made-up',
        revision: 0,
      };
      event.metadata = { ...event.metadata, previousHash: null };
      return found(renumbered(lines.toSpliced(at, 0, write(rehashed({ ...line, event })))), {});
    }
    case 'lines swapped':
    case 'events swapped, numbers kept': {
      let other = pick(events);
      while (other === at) other = pick(events);
      const swapped = lines.with(at, lines[other]!).with(other, lines[at]!);
      return found(kind === 'lines swapped' ? swapped : renumbered(swapped), {
        leaves: [leaf, firstLeafOf(lines[other]!)],
        streams: [stream, parse(lines[other]!)['event'].stream],
      });
    }
    case 'actor changed':
      return found(changed(otherActor, 'as it is'), {});
    case 'actor changed, hash recomputed':
      return found(changed(otherActor, 'hash'), {});
    case 'actor changed, chain recomputed':
      return found(changed(otherActor, 'chain'), {});
    case 'time changed':
      return found(changed(otherTime, 'as it is'), {});
    case 'time changed, chain recomputed':
      return found(changed(otherTime, 'chain'), {});
    case 'tail cut, older checkpoint put there':
    case 'older backup': {
      const within = checkpointsIn(lines);
      const older = within[below(within.length)]!;
      const kept: string[] = [];
      for (const line of lines.slice(0, -1)) if (firstLeafOf(line) < older.size) kept.push(line);
      const tail = cutTo(kept, older.size);
      const header = write({ ...parse(lines[0]!), size: older.size });
      const bundle = [
        kind === 'older backup' ? header : lines[0]!,
        ...tail.slice(1),
        write({ checkpoint: older.note }),
      ];
      return found(bundle, { since: [newest], leaves: [older.size], streams: [] });
    }
    case 'fork signed with the stolen key': {
      const bundle = forked(lines, at, privateKey, otherActor);
      return found(bundle, { since: [newest] });
    }
  }
};

/** A line of bare leaves may reach beyond the size. */
const cutTo = (lines: readonly string[], size: number): readonly string[] =>
  lines.map((line) => {
    const { bare } = parse(line);
    return bare && Number(bare.from) + Number(bare.hashes.length) > size
      ? write({ bare: { ...bare, hashes: bare.hashes.slice(0, size - bare.from) } })
      : line;
  });

/** Whether the verifier found it where it was done, or said a range around it. */
export const isFound = ({ leaves, streams, line }: Mutation, { findings }: Verdict): boolean =>
  findings.some(
    (one) =>
      leaves.some((leaf) => one.leaves !== null && one.leaves[0] <= leaf && one.leaves[1] >= leaf) ||
      (one.stream !== null && streams.includes(one.stream)) ||
      // What joins two lines makes one line of them.
      (line !== null && one.line !== null && Math.abs(one.line - line) <= 1),
  );
