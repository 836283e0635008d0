import {
  BUNDLE_FORMAT,
  writeLine,
  type BundleFilter,
  type HeaderLine,
} from '@rollbook/shared/audit/bundle/bundle-line';
import type { CheckpointEvent } from '@rollbook/shared/audit/last-checkpoint';
import { nodesOf } from '@rollbook/shared/audit/merkle-tree';
import { storedNodes } from '@rollbook/shared/audit/stored-tree';
import { rethrow } from '../read-model/database-faults.ts';
import { allLeaves } from './all-leaves.ts';
import { csvEnd, csvHead, csvRows } from './csv-rows.ts';
import type { ExportParts, ExportRange, LeafLine } from './export-lines.ts';
import { filteredLeaves } from './filtered-leaves.ts';

/** What is exported, and what its first line says of it. */
export interface Export extends ExportRange {
  readonly format: 'ndjson' | 'csv';
  readonly named: BundleFilter;
  readonly checkpoint: CheckpointEvent;
  readonly about: Pick<HeaderLine, 'origin' | 'log_id' | 'exported_at' | 'exporter' | 'keys'>;
}

const leavesOf = (parts: ExportParts, range: Export): AsyncGenerator<readonly LeafLine[], void> =>
  range.filter === null ? allLeaves(parts, range) : filteredLeaves(parts, range);

const headerOf = async ({ pool }: ExportParts, { from, size, named, about }: Export): Promise<HeaderLine> => {
  const nodes = nodesOf({ start: 0, end: from });
  const before = nodes.length === 0 ? [] : await storedNodes(pool)(nodes).catch(rethrow);
  const { origin, log_id, ...rest } = about;
  return {
    format: BUNDLE_FORMAT,
    origin,
    log_id,
    filter: named,
    from_leaf: from,
    before: before.map((hash) => hash.toString('hex')),
    size,
    ...rest,
  };
};

/**
 * Lines that are written as one piece, about 30 KB. Pieces of hundreds of KB each take memory beside the heap that the
 * process does not get back (20 MB more in an export of a million events).
 */
const AT_ONCE = 25;

async function* inSteps(
  leaves: AsyncIterable<readonly LeafLine[]>,
  write: (lines: readonly LeafLine[]) => string,
): AsyncGenerator<string, void> {
  for await (const lines of leaves)
    for (let at = 0; at < lines.length; at += AT_ONCE) yield write(lines.slice(at, at + AT_ONCE));
}

async function* bundlePieces(parts: ExportParts, wanted: Export): AsyncGenerator<string, void> {
  yield writeLine(await headerOf(parts, wanted));
  yield* inSteps(leavesOf(parts, wanted), (lines) => lines.map(writeLine).join(''));
  yield writeLine({ checkpoint: wanted.checkpoint.data.note });
}

async function* csvPieces(parts: ExportParts, wanted: Export): AsyncGenerator<string, void> {
  yield csvHead();
  yield* inSteps(leavesOf(parts, wanted), csvRows);
  yield csvEnd(wanted.size, wanted.checkpoint.data.note);
}

/** The export piece by piece. It comes to its own end only behind the checkpoint; every fault breaks it off. */
export const exportPieces = (parts: ExportParts, wanted: Export): AsyncGenerator<string, void> =>
  wanted.format === 'csv' ? csvPieces(parts, wanted) : bundlePieces(parts, wanted);
