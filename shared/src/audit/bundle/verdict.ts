import type { BundleFilter, HeaderLine } from './bundle-line.ts';
import type { Finding, Findings } from './findings.ts';
import type { SinceResult } from './older-checkpoints.ts';
import type { Seal, Seals } from './seals.ts';

interface Counts {
  /** One past the last leaf. */
  readonly leaves: number;
  /** The first leaf: those before it stand in an earlier part. */
  readonly fromLeaf: number;
  readonly events: number;
  /** Leaves of which only the hash stands there. */
  readonly bare: number;
  /** How many of those are proved to be claims of addresses and names. */
  readonly bareProved: number;
  /** Leaves that the filter left out. */
  readonly skipped: number;
  readonly streams: number;
}

/** What a verifier says of a bundle in the end. */
export interface Verdict extends Counts {
  /** Everything in the file is proved, as far as such a file can prove it (`notProved`). */
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** Those that were only counted included. */
  readonly findingCount: number;
  readonly origin: string | null;
  readonly filter: BundleFilter;
  /** The last checkpoint that a given key signed and that the bundle agrees with. */
  readonly sealed: Seal | null;
  /** What no such checkpoint covers. */
  readonly notSealed: { readonly leaves: number; readonly from: number } | null;
  readonly recordedCheckpoints: Seals['within'];
  readonly since: readonly SinceResult[];
  /** In sentences: what even a valid bundle of this kind does not prove. */
  readonly notProved: readonly string[];
}

interface Kind {
  readonly filtered: boolean;
  readonly from: number;
  readonly bare: number;
  readonly bareProved: number;
  readonly opened: boolean;
  readonly since: boolean;
  readonly unknownKeys: number;
}

const whyNotClaims = ({ filtered, from }: Kind): string => {
  if (filtered) return 'the export is filtered';
  if (from > 0) return 'the leaves before are not in this file';
  return 'no checkpoint that agrees here says so, as those made by older programs do not';
};

/** What a bundle of this kind leaves open. */
export const limitsOf = (kind: Kind): readonly string[] => [
  ...(kind.filtered
    ? [
        'The export is filtered: its events are in the log, but nothing proves that no event which the filter lets through is missing.',
        'Of a stream only neighbouring events were compared: no chain is checked across what the filter left out.',
      ]
    : []),
  ...(kind.from > 0 ? [`The leaves before ${kind.from} are not in this file: of them only their tree is known.`] : []),
  ...(kind.bareProved > 0
    ? [
        `Of ${kind.bareProved} leaves only the hash is told: they are claims of addresses and names, as the notary signed; of whom is not told.`,
      ]
    : []),
  ...(kind.bare > kind.bareProved
    ? [
        `Of ${kind.bare - kind.bareProved} leaves only the hash is told, and nothing proves that they are claims of addresses and names: ${whyNotClaims(kind)}. Any event may be hidden there.`,
      ]
    : []),
  ...(kind.opened ? ['Personal values in the clear ("opened") stand beside what is hashed: nothing proves them.'] : []),
  ...(kind.unknownKeys > 0
    ? [
        `${kind.unknownKeys} checkpoints within were signed by keys that were not given: their signatures are not checked.`,
      ]
    : []),
  ...(kind.since
    ? []
    : ['Nobody said what the log was before (--since): an end that was cut off, or an older backup, does not show.']),
];

/** Puts the verdict together at the end of a bundle. */
export const verdictOf = (seen: {
  readonly findings: Findings;
  readonly seals: Seals;
  readonly header: HeaderLine | null;
  readonly opened: boolean;
  readonly counts: Counts;
}): Verdict => {
  const { findings, seals, header, opened, counts } = seen;
  const sealed = Math.max(seals.last?.size ?? 0, counts.fromLeaf);
  const filter = header?.filter ?? null;
  return {
    valid: findings.count === 0,
    findings: findings.kept,
    findingCount: findings.count,
    origin: header?.origin ?? null,
    filter,
    ...counts,
    sealed: seals.last,
    notSealed: sealed < counts.leaves ? { leaves: counts.leaves - sealed, from: sealed } : null,
    recordedCheckpoints: seals.within,
    since: seals.results,
    notProved: limitsOf({
      filtered: filter !== null,
      from: counts.fromLeaf,
      bare: counts.bare,
      bareProved: counts.bareProved,
      opened,
      since: seals.results.length > 0,
      unknownKeys: seals.within.unknownKeys,
    }),
  };
};
