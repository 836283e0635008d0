import { nodesOf, type LeafRange } from '@rollbook/shared/audit/merkle-tree';
import { storedNodes } from '@rollbook/shared/audit/stored-tree';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { auditConditions } from '../audit/audit-filters.ts';
import { rethrow } from '../read-model/database-faults.ts';
import { linesOf, type ExportParts, type ExportRange, type LeafLine } from './export-lines.ts';

/** Events read at once, each from its own stream. */
const PAGE = 100;
/** Of these, so many at the same time. */
const AT_ONCE = 8;

interface Place {
  readonly leaf: number;
  readonly stream: string;
  readonly revision: number;
}

const placesFrom = async ({ pool }: ExportParts, range: ExportRange, from: number): Promise<readonly Place[]> => {
  const values: unknown[] = [from, range.size, PAGE];
  const text = `select a.leaf::float8 as leaf, a.stream, a.revision::float8 as revision from read_model.audit_index a
    where a.leaf >= $1 and a.leaf < $2 and ${auditConditions(range.filter ?? {}, values)} order by a.leaf limit $3`;
  return (await pool.query<Place>(text, values).catch(rethrow)).rows;
};

const readEvents = async ({ store }: ExportParts, places: readonly Place[]): Promise<readonly StoredEvent[]> => {
  const found: StoredEvent[] = [];
  for (let at = 0; at < places.length; at += AT_ONCE) {
    const some = places.slice(at, at + AT_ONCE);
    const read = await Promise.all(
      some.map(async ({ stream, revision }) => (await store.read(stream, { from: revision, limit: 1 }))[0]),
    );
    for (const event of read) {
      if (!event) throw new StoreUnavailable('The log does not hold what the audit index names');
      found.push(event);
    }
  }
  return found;
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

/** The leaves that the filter lets through, and between them what proves that they stand in the tree. */
export async function* filteredLeaves(
  parts: ExportParts,
  range: ExportRange,
): AsyncGenerator<readonly LeafLine[], void> {
  let leaf = range.from;
  for (;;) {
    const places = await placesFrom(parts, range, leaf);
    const isLast = places.length < PAGE;
    const gaps: LeafRange[] = [];
    const began = leaf;
    for (const place of places) {
      if (place.leaf > leaf) gaps.push({ start: leaf, end: place.leaf });
      leaf = place.leaf + 1;
    }
    if (isLast && leaf < range.size) gaps.push({ start: leaf, end: range.size });
    const skipped = [...(await skippedLines(parts, gaps))];
    const events = await readEvents(parts, places);
    const lines: LeafLine[] = [];
    let at = began;
    for (const [index, place] of places.entries()) {
      const gap = place.leaf > at ? skipped.shift() : undefined;
      const event = events[index];
      if (gap) lines.push(gap);
      if (event) lines.push(...(await linesOf([event], place.leaf, parts.keys)));
      at = place.leaf + 1;
    }
    yield [...lines, ...skipped];
    if (isLast) return;
  }
}
