import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DELETED, fromLine, HEAD, positionOf, toLine, type LogRecord, type Position, type Proposed } from './record.ts';

interface StreamMetadata {
  readonly $tb?: number;
  readonly $maxCount?: number;
  /** In seconds. */
  readonly $maxAge?: number;
}

const json = (type: string, data: string): Proposed => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});

/** The node's only state: records in the order of their positions, in memory, and in a file where one is named. */
export class NodeLog {
  records: LogRecord[] = [];
  readonly #file: string | undefined;
  readonly #growth = new EventEmitter().setMaxListeners(0);
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #tombstones = new Set<string>();
  /** Where an id was used first since the start (wire 2, "any"). */
  readonly #ids = new Map<string, LogRecord>();

  constructor(file?: string, records: readonly LogRecord[] = []) {
    this.#file = file;
    if (file === undefined) for (const record of records) this.#place(record);
    else if (existsSync(file)) this.#load(file);
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
    const last = this.records.at(-1);
    return last ? positionOf(last) : HEAD;
  }

  stream(name: string): readonly LogRecord[] {
    return this.#streams.get(name) ?? [];
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

  metadata(name: string): StreamMetadata {
    const event = this.stream(`$$${name}`).at(-1);
    return event ? (JSON.parse(event.data.toString()) as StreamMetadata) : {};
  }

  /** The events that its metadata leave to be read (wire 7.5). */
  readable(name: string): readonly LogRecord[] {
    const { $tb = 0, $maxCount = Infinity, $maxAge = Infinity } = this.metadata(name);
    const all = this.stream(name);
    const first = Math.max($tb, all.length - $maxCount);
    const oldest = Date.now() - $maxAge * 1_000;
    return all.filter((record, index) => index >= first && record.created >= oldest);
  }

  /** The use of an id that the cache remembers: the first one, and only if it was in this stream. */
  remembered(id: string, stream: string): LogRecord | undefined {
    const record = this.#ids.get(id);
    return record?.stream === stream ? record : undefined;
  }

  /** What a restart or a change of leader does to the memory for ids. */
  forgetIds(): void {
    this.#ids.clear();
  }

  /** Writes events of one stream, all or none, and answers the last of them. */
  write(stream: string, events: readonly Proposed[], first = this.lastRevision(stream) + 1n): LogRecord | undefined {
    const created = Date.now();
    const records = events.map((event, index) =>
      this.#place({ ...event, stream, revision: first + BigInt(index), created }),
    );
    if (this.#file !== undefined && records.length > 0) appendFileSync(this.#file, toLine(records));
    for (const record of records) if (!this.#ids.has(record.id)) this.#ids.set(record.id, record);
    this.#growth.emit('grown');
    return records.at(-1);
  }

  writeMetadata(stream: string, metadata: string): LogRecord {
    return this.write(`$$${stream}`, [json('$metadata', metadata)])!;
  }

  writeTombstone(stream: string): LogRecord {
    return this.write(stream, [json('$streamDeleted', '')], DELETED)!;
  }

  /** Resolves when something was written, or when `signal` says that nobody waits any more. */
  grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#growth.off('grown', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#growth.on('grown', done);
      signal.addEventListener('abort', done);
    });
  }

  /** The log as a node finds it that starts again. */
  reopen(): NodeLog {
    return new NodeLog(this.#file, this.records);
  }

  /** Loses the last records, as a log does that was restored from an older copy. */
  shorten(records: number): void {
    const kept = this.records.slice(0, Math.max(0, this.records.length - records));
    for (const memory of [this.#streams, this.#tombstones, this.#ids]) memory.clear();
    this.records = [];
    for (const record of kept) this.#place(record);
    if (this.#file !== undefined) writeFileSync(this.#file, kept.map((record) => toLine([record])).join(''));
  }

  #place(content: Omit<LogRecord, 'position' | 'size'>): LogRecord {
    const { data, metadata, stream, type } = content;
    const size = BigInt(85 + data.length + metadata.length + 2 * (stream.length + type.length));
    const record: LogRecord = { ...content, position: this.end, size };
    this.records.push(record);
    if (record.revision === DELETED) this.#tombstones.add(stream);
    else if (this.#streams.has(stream)) this.#streams.get(stream)!.push(record);
    else this.#streams.set(stream, [record]);
    return record;
  }

  #load(file: string): void {
    const lines = readFileSync(file, 'utf8').split('\n');
    const torn = lines.pop() ?? '';
    for (const line of lines) for (const content of fromLine(line)) this.#place(content);
    // Killed in the middle of a line: it was acknowledged to nobody.
    if (torn !== '') writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  }
}
