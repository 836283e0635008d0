import type { LeafLine } from './export-lines.ts';

/** The columns of an export for people. `leaf` and `hash` are those of the bundle, which alone can be verified. */
export const CSV_COLUMNS = [
  'leaf',
  'recorded_at',
  'type',
  'stream',
  'revision',
  'actor_kind',
  'actor_id',
  'request_id',
  'correlation_id',
  'causation_id',
  'command_id',
  'event_id',
  'position',
  'hash',
  'data',
  'personal',
  'origin',
] as const;
type Column = (typeof CSV_COLUMNS)[number];

/**
 * A cell by RFC 4180. A spreadsheet would take a text that begins with one of these characters for a formula: an
 * apostrophe before it makes it text again (OWASP, CSV injection).
 */
export const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const guarded = typeof value !== 'number' && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};

const csvRow = (row: Partial<Record<Column, unknown>>): string =>
  `${CSV_COLUMNS.map((column) => csvCell(row[column])).join(',')}\r\n`;

/** The first row. */
export const csvHead = (): string => `${CSV_COLUMNS.join(',')}\r\n`;

/** A row for each event. What only holds a place in the tree is for verifiers and has none. */
export const csvRows = (lines: readonly LeafLine[]): string =>
  lines
    .map((line) => {
      if (!('event' in line)) return '';
      const { event, leaf, hash, position, opened } = line;
      const { actor, requestId, correlationId, causationId, commandId } = event.metadata;
      return csvRow({
        leaf,
        recorded_at: event.recordedAt,
        type: event.type,
        stream: event.stream,
        revision: event.revision,
        actor_kind: actor.kind,
        actor_id: actor.id,
        request_id: requestId,
        correlation_id: correlationId,
        causation_id: causationId,
        command_id: commandId,
        event_id: event.id,
        position,
        hash,
        data: event.data,
        personal: opened?.['personal'],
        origin: opened?.['origin'],
      });
    })
    .join('');

/** The last row: a file without it was broken off. */
export const csvEnd = (size: number, note: string): string => csvRow({ leaf: size, type: 'checkpoint', data: note });
