import type { BareLine, EventLine, SkippedLine } from '@rollbook/shared/audit/bundle/bundle-line';
import { isClaim } from '@rollbook/shared/audit/claims';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { AuditFilters } from '../audit/audit-filters.ts';
import { openBeside, type Opened } from './open-beside.ts';

/** A line that stands for leaves. */
export type LeafLine = EventLine | BareLine | SkippedLine;

export interface ExportParts {
  readonly store: Pick<EventStore, 'read' | 'readAll'>;
  readonly keys: KeyRing;
  /** Of the audit index. */
  readonly pool: Pool;
}

/** Which leaves: from `from` on, as many as the checkpoint covers. */
export interface ExportRange {
  readonly from: number;
  readonly size: number;
  /** null: all of them. */
  readonly filter: AuditFilters | null;
}

const eventLine = (event: StoredEvent, leaf: number, opened: Opened): EventLine => {
  const { id, type, schemaVersion, stream, revision, recordedAt, data, personal, position } = event;
  const { hash, actor, requestId, correlationId, causationId, commandId, previousHash } = event.metadata;
  const metadata = { actor, requestId, correlationId, causationId, commandId, previousHash };
  const values = opened(event);
  return {
    event: { id, type, schemaVersion, stream, revision, recordedAt, data, personal, metadata },
    leaf,
    hash,
    position,
    ...(values && { opened: values }),
  };
};

/** The lines of events that are shown; their keys are looked up at once. */
export const eventLines = async (
  found: readonly { readonly leaf: number; readonly event: StoredEvent }[],
  keys: KeyRing,
): Promise<readonly EventLine[]> => {
  const opened = await openBeside(
    found.map(({ event }) => event),
    keys,
  );
  return found.map(({ leaf, event }) => eventLine(event, leaf, opened));
};

/** The lines of neighbouring events, the first of which is this leaf; claims in a row share a line. */
export const linesOf = async (
  events: readonly StoredEvent[],
  first: number,
  keys: KeyRing,
): Promise<readonly (EventLine | BareLine)[]> => {
  const placed = events.map((event, at) => ({ event, leaf: first + at }));
  const shown = placed.filter(({ event }) => !isClaim(event));
  const byLeaf = new Map((await eventLines(shown, keys)).map((line) => [line.leaf, line]));
  const lines: (EventLine | { readonly bare: { readonly from: number; readonly hashes: string[] } })[] = [];
  for (const { event, leaf } of placed) {
    const [line, last] = [byLeaf.get(leaf), lines.at(-1)];
    if (line) lines.push(line);
    else if (last && 'bare' in last) last.bare.hashes.push(event.metadata.hash);
    else lines.push({ bare: { from: leaf, hashes: [event.metadata.hash] } });
  }
  return lines;
};
