import { linesOf, type ExportParts, type ExportRange, type LeafLine } from './export-lines.ts';
import { readLeaves } from './read-leaves.ts';

/** All leaves from the first to the last. */
export async function* allLeaves(
  parts: ExportParts,
  { from, size }: ExportRange,
): AsyncGenerator<readonly LeafLine[], void> {
  for await (const { leaf, events } of readLeaves(parts, from, size)) yield await linesOf(events, leaf, parts.keys);
}
