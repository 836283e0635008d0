import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DELETED, fromLine, HEAD, positionOf, toLine, type LogRecord, type Position, type Proposed } from './record.ts';

/** An event of the server's own. */
export const json = (type: string, text: string): Proposed => {
  const [data, metadata] = [Buffer.from(text), Buffer.alloc(0)];
  return { id: randomUUID(), type, contentType: 'application/json', data, metadata };
};

type Metadata = { $tb?: number; $maxCount?: number; $maxAge?: number; $acl?: { $r?: string | string[] } };

/** The node's only state: records in the order of their positions, in memory, and in a file where one is named. */
export class NodeLog {
  readonly records: LogRecord[] = [];
  readonly #file: string | undefined;
  /** Emits `grown` when something is written. */
  readonly growth = new EventEmitter().setMaxListeners(0);
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #tombstones = new Set<string>();
  /** Where an id was used first since the start (wire 2, "any"); a change of leader empties it. */
  readonly ids = new Map<string, LogRecord>();

  /** As a node finds its log when it starts: in the file, or else in these records. */
  constructor(file?: string, records: readonly LogRecord[] = []) {
    this.#file = file;
    const lines = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [''];
    // Killed in the middle of a line: it was acknowledged to nobody.
    const torn = lines.pop();
    for (const record of file === undefined ? records : lines.flatMap(fromLine)) this.#place(record);
    if (torn !== '') this.#rewrite();
    const isNew = this.records.length === 0;
    // A new leader begins an epoch; the record is hidden, and takes up a place.
    this.write('$epoch-information', [json('$epoch-information', '{}')]);
    if (isNew) for (const user of ['admin', 'ops']) this.write(`$user-${user}`, [json('$UserCreated', '{}')]);
  }

  /** The position that the next record gets: the writer checkpoint. */
  get end(): bigint {
    const last = this.records.at(-1);
    return last ? last.position + last.size : 0n;
  }

  get lastPosition(): Position {
    return this.records.length === 0 ? HEAD : positionOf(this.records.at(-1)!);
  }

  stream(name: string): readonly LogRecord[] {
    return this.#streams.get(name) ?? [];
  }

  metadata(name: string): Metadata {
    return JSON.parse(this.stream(`$$${name}`).at(-1)?.data.toString() ?? '{}') as Metadata;
  }

  /** -1 where there is no event. */
  lastRevision(name: string): bigint {
    return BigInt(this.stream(name).length - 1);
  }

  isTombstoned(name: string): boolean {
    return this.#tombstones.has(name) || (name.startsWith('$$') && this.#tombstones.has(name.slice(2)));
  }

  isSoftDeleted(name: string): boolean {
    return this.metadata(name).$tb === Number(DELETED);
  }

  /** The events that its metadata leave to be read (wire 7.5). */
  readable(name: string): readonly LogRecord[] {
    const { $tb = 0, $maxCount = Infinity, $maxAge = Infinity } = this.metadata(name);
    const first = Math.max($tb, this.stream(name).length - $maxCount);
    const oldest = Date.now() - $maxAge * 1_000;
    return this.stream(name).filter(({ created }, index) => index >= first && created >= oldest);
  }

  /** Writes events of one stream, all or none, and answers the last of them. */
  write(stream: string, events: readonly Proposed[], first = this.lastRevision(stream) + 1n): LogRecord | undefined {
    const common = { stream, created: Date.now() };
    const records = events.map((event, n) => this.#place({ ...event, ...common, revision: first + BigInt(n) }));
    if (this.#file !== undefined && records.length > 0) appendFileSync(this.#file, toLine(records));
    for (const record of records) if (!this.ids.has(record.id)) this.ids.set(record.id, record);
    this.growth.emit('grown');
    return records.at(-1);
  }

  /** The log as a node finds it that starts again, without the last records if it was restored from an older copy. */
  reopen(lost = 0): NodeLog {
    this.records.length -= Math.min(lost, this.records.length);
    if (lost > 0) this.#rewrite();
    return new NodeLog(this.#file, this.records);
  }

  #rewrite(): void {
    if (this.#file !== undefined) writeFileSync(this.#file, this.records.map((one) => toLine([one])).join(''));
  }

  #place(content: Omit<LogRecord, 'position' | 'size'>): LogRecord {
    const { data, metadata, stream, type } = content;
    const size = BigInt(85 + data.length + metadata.length + 2 * (stream.length + type.length));
    const record: LogRecord = { ...content, position: this.end, size };
    this.records.push(record);
    if (record.revision === DELETED) this.#tombstones.add(stream);
    else if (!this.#streams.get(stream)?.push(record)) this.#streams.set(stream, [record]);
    return record;
  }
}
