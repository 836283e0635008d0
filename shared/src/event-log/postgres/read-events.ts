import type pg from 'pg';
import { StoreUnavailable } from '../errors.ts';
import type { EventMetadata, JsonObject, Position, SealedPart, StoredEvent } from '../event.ts';
import type { LogPage, ReadAllOptions, ReadStreamOptions } from '../port.ts';
import { toPosition } from './append-batch.ts';
import { runOn, wasRolledBack } from './log-connections.ts';

/** A filtered read looks through at most this many events at once, so that no statement grows with the log. */
const WINDOW = 10_000;
/** Events of one stream that one statement reads. */
const STREAM_PAGE = 1_000;
/** Beyond any revision and any position; still a bigint. */
const BEYOND = '9223372036854775807';

const COLUMNS =
  'e.position, e.id, e.stream, e.revision, e.type, e.schema_version, e.recorded_at, e.data, e.personal, e.metadata';

interface EventRow {
  readonly position: string;
  readonly id: string;
  readonly stream: string;
  readonly revision: string;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly data: JsonObject;
  readonly personal: readonly SealedPart[];
  readonly metadata: EventMetadata;
}

const toEvent = (row: EventRow): StoredEvent => ({
  id: row.id,
  type: row.type,
  schemaVersion: row.schema_version,
  stream: row.stream,
  revision: Number(row.revision),
  position: toPosition(row.position),
  recordedAt: row.recorded_at,
  data: row.data,
  personal: row.personal,
  metadata: row.metadata,
});

/** Reading twice does no harm, so a connection that broke is replaced once before it becomes a fault. */
export const readRows = async <Row>(pool: pg.Pool, query: pg.QueryConfig): Promise<readonly Row[]> => {
  const read = (): Promise<readonly Row[]> => runOn(pool, query) as unknown as Promise<readonly Row[]>;
  try {
    return await read().catch((fault: unknown) => {
      if (wasRolledBack(fault)) throw fault;
      return read();
    });
  } catch (cause) {
    throw new StoreUnavailable('The log cannot be read', { cause });
  }
};

export const readStream = async (
  pool: pg.Pool,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<StoredEvent[]> => {
  const { direction = 'forwards', limit = Infinity } = options;
  const forwards = direction === 'forwards';
  const events: StoredEvent[] = [];
  let from = String(options.from ?? (forwards ? 0 : BEYOND));
  while (events.length < limit) {
    const wanted = Math.min(STREAM_PAGE, limit - events.length);
    const rows = await readRows<EventRow>(pool, {
      name: `read_stream_${direction}`,
      text: `select ${COLUMNS} from event_log.events e where e.stream = $1 and e.revision ${forwards ? '>=' : '<='} $2
             order by e.revision ${forwards ? 'asc' : 'desc'} limit $3`,
      values: [stream, from, wanted],
    });
    for (const row of rows) events.push(toEvent(row));
    const last = events.at(-1);
    if (rows.length < wanted || !last) break;
    from = String(last.revision + (forwards ? 1 : -1));
  }
  return events;
};

const PAGE = `select * from event_log.events
    where position > $1 and position <= $2
      and ($3::text[] is null or type = any($3)) and ($4::text[] is null or stream ^@ any($4))
    order by position limit $5`;

/** As far as the bytes go: those before an event are counted where it is stored, without being sent. */
const PAGE_BY_BYTES = `select * from (
      select *, coalesce(sum(octet_length(data::text) + octet_length(personal::text) + octet_length(metadata::text))
        over (order by position rows between unbounded preceding and 1 preceding), 0) as bytes_before
      from (${PAGE}) counted
    ) measured where bytes_before < $6`;

/** One statement sees one state of the log, so `atEnd` and the events belong together. */
const readAll = (page: string): string => `
  with head as (select coalesce(max(position), 0) as last from event_log.events)
  select head.last, ${COLUMNS}
  from head left join lateral (${page}) e on true
  order by e.position`;

/** With the log's last position in each row; the only row of an empty page has nothing else. */
type WholeLogRow = { readonly last: string } & (EventRow | { readonly position: null });

const isEvent = (row: WholeLogRow): row is WholeLogRow & EventRow => row.position !== null;

export const readWholeLog = async (
  pool: pg.Pool,
  { after, filter, limit = 500, bytes }: ReadAllOptions,
): Promise<LogPage> => {
  const start = BigInt(after ?? 0);
  const windowEnd = filter ? start + BigInt(WINDOW) : BigInt(BEYOND);
  const rows = await readRows<WholeLogRow>(pool, {
    ...(bytes === undefined
      ? { name: 'read_all', text: readAll(PAGE) }
      : { name: 'read_all_by_bytes', text: readAll(PAGE_BY_BYTES) }),
    values: [
      String(start),
      String(windowEnd),
      filter && 'types' in filter ? filter.types : null,
      filter && 'streamPrefixes' in filter ? filter.streamPrefixes : null,
      limit,
      ...(bytes === undefined ? [] : [bytes]),
    ],
  });
  const events = rows.filter(isEvent).map(toEvent);
  const last = BigInt(rows[0]?.last ?? 0);
  // A full page ends at its last event, and so may one by bytes; any other one has looked through the whole window.
  const mayBeFull = events.length === limit || (bytes !== undefined && events.length > 0);
  const full = mayBeFull ? BigInt(events.at(-1)?.position ?? start) : undefined;
  const seen = full ?? (windowEnd < last ? windowEnd : last);
  const position = seen > start ? toPosition(String(seen)) : after;
  // Positions are dense: their difference counts the events.
  const passed = seen > start ? Number(seen - start) : 0;
  return { events, position, atEnd: (seen > start ? seen : start) >= last, passed };
};

export const readEnd = async (pool: pg.Pool): Promise<Position | null> => {
  const [row] = await readRows<{ last: string | null }>(pool, {
    name: 'read_end',
    text: 'select max(position) as last from event_log.events',
  });
  return row?.last == null ? null : toPosition(row.last);
};

export const readLogId = async (pool: pg.Pool): Promise<string> => {
  const [row] = await readRows<{ log_id: string }>(pool, { text: 'select log_id from event_log.identity' });
  if (!row) throw new StoreUnavailable('The log has no identity: was the database migrated?');
  return row.log_id;
};
