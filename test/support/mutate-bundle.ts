import type { KeyObject } from 'node:crypto';
import type { Leaf } from '@rollbook/shared/audit/bundle/bundle-line';
import type { Verdict } from '@rollbook/shared/audit/bundle/verdict';
import {
  checkpointsIn,
  cutTo,
  firstLeafOf,
  forked,
  isEvent,
  joined,
  parse,
  rechained,
  rehashed,
  renumbered,
  write,
} from './tell-anew.ts';

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
  'event replaced by its bare hash',
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
    case 'event replaced by its bare hash': {
      // The last of its stream: no chain misses it.
      const ends = new Map(peoples.map((one) => [String(parse(lines[one]!)['event'].stream), one]));
      const hidden = pick([...ends.values()]);
      const { leaf: from, hash } = parse(lines[hidden]!);
      const bare = write({ bare: { from, hashes: [hash] } });
      return found(lines.with(hidden, bare), { leaves: [from], streams: [] });
    }
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

/** Whether the verifier found it where it was done, or said a range around it. */
export const isFound = ({ leaves, streams, line }: Mutation, { findings }: Verdict): boolean =>
  findings.some(
    (one) =>
      leaves.some((leaf) => one.leaves !== null && one.leaves[0] <= leaf && one.leaves[1] >= leaf) ||
      (one.stream !== null && streams.includes(one.stream)) ||
      // What joins two lines makes one line of them.
      (line !== null && one.line !== null && Math.abs(one.line - line) <= 1),
  );
