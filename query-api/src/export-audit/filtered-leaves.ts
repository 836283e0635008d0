import { nodesOf, type LeafRange } from '@rollbook/shared/audit/merkle-tree';
import { storedNodes } from '@rollbook/shared/audit/stored-tree';
import { auditConditions } from '../audit/audit-filters.ts';
import { rethrow } from '../read-model/database-faults.ts';
import { eventLines, type ExportParts, type ExportRange, type LeafLine } from './export-lines.ts';
import { readPlaces, type Found, type Place } from './read-places.ts';

/** Places looked up at once. */
const PAGE = 200;

const placesFrom = async ({ pool }: ExportParts, range: ExportRange, from: number): Promise<readonly Place[]> => {
  const values: unknown[] = [from, range.size, PAGE];
  const text = `select a.leaf::float8 as leaf, a.stream, a.revision::float8 as revision from read_model.audit_index a
    where a.leaf >= $1 and a.leaf < $2 and ${auditConditions(range.filter ?? {}, values)} order by a.leaf limit $3`;
  return (await pool.query<Place>(text, values).catch(rethrow)).rows;
};

/** For each stretch that is left out, its line: the roots of the subtrees that it consists of, read at once for all. */
const skippedLines = async ({ pool }: ExportParts, gaps: readonly LeafRange[]): Promise<readonly LeafLine[]> => {
  const nodes = gaps.map(nodesOf);
  const hashes = gaps.length === 0 ? [] : await storedNodes(pool)(nodes.flat()).catch(rethrow);
  let at = 0;
  return gaps.map(({ start, end }, gap) => {
    const own = hashes.slice(at, (at += nodes[gap]?.length ?? 0));
    return { skipped: { from: start, to: end, subtrees: own.map((hash) => hash.toString('hex')) } };
  });
};

/** The lines of these events, and before each what stands for the leaves since the one before it. */
const linesWithGaps = async (
  parts: ExportParts,
  found: readonly Found[],
  from: number,
): Promise<readonly LeafLine[]> => {
  const gaps = found.flatMap(({ leaf }, at) => {
    const start = at === 0 ? from : (found[at - 1]?.leaf ?? 0) + 1;
    return start < leaf ? [{ start, end: leaf }] : [];
  });
  const skipped = await skippedLines(parts, gaps);
  const byEnd = new Map(gaps.map(({ end }, at) => [end, skipped[at]]));
  return (await eventLines(found, parts.keys)).flatMap((line) => [byEnd.get(line.leaf) ?? [], line].flat());
};

/** The leaves that the filter lets through, and between them what proves that they stand in the tree. */
export async function* filteredLeaves(
  parts: ExportParts,
  range: ExportRange,
): AsyncGenerator<readonly LeafLine[], void> {
  let leaf = range.from;
  for (let isLast = false; !isLast;) {
    const places = await placesFrom(parts, range, leaf);
    isLast = places.length < PAGE;
    for await (const found of readPlaces(parts, places)) {
      if (found.length === 0) continue;
      yield await linesWithGaps(parts, found, leaf);
      leaf = (found.at(-1)?.leaf ?? leaf) + 1;
    }
  }
  if (leaf < range.size) yield await skippedLines(parts, [{ start: leaf, end: range.size }]);
}
