import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DELETED, fromLine, HEAD, positionOf, toLine, type LogRecord, type Position, type Proposed } from './record.ts';

const json = (type: string, text: string): Proposed => {
  const [data, metadata] = [Buffer.from(text), Buffer.alloc(0)];
  return { id: randomUUID(), type, contentType: 'application/json', data, metadata };
};

/** The node's only state: records in the order of their positions, in memory, and in a file where one is named. */
export class NodeLog {
  readonly records: LogRecord[] = [];
  readonly #file: string | undefined;
  readonly #growth = new EventEmitter().setMaxListeners(0);
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #tombstones = new Set<string>();
  /** Where an id was used first since the start (wire 2, "any"). */
  readonly #ids = new Map<string, LogRecord>();

  /** As a node finds its log when it starts: in the file, or else in these records. */
  constructor(file?: string, records: readonly LogRecord[] = []) {
    this.#file = file;
    const lines = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [''];
    // Killed in the middle of a line: it was acknowledged to nobody.
    const torn = lines.pop();
    for (const record of file === undefined ? records : lines.flatMap(fromLine)) this.#place(record);
    if (file !== undefined && torn !== '') this.#rewrite(file);
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
    return this.#metadata(name)['$tb'] === Number(DELETED);
  }

  /** The events that its metadata leave to be read (wire 7.5). */
  readable(name: string): readonly LogRecord[] {
    const { $tb = 0, $maxCount = Infinity, $maxAge = Infinity } = this.#metadata(name);
    const all = this.stream(name);
    const first = Math.max($tb, all.length - $maxCount);
    return all.filter(({ created }, index) => index >= first && created >= Date.now() - $maxAge * 1_000);
  }

  /** The use of an id that the memory has: the first one, and only if it was in this stream. */
  remembered(id: string, stream: string): LogRecord | undefined {
    const record = this.#ids.get(id);
    return record?.stream === stream ? record : undefined;
  }

  /** What a change of leader does to the memory for ids. */
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

  /** Resolves when something is written, and rejects when `signal` says that nobody waits any more. */
  async grown(signal: AbortSignal): Promise<void> {
    await once(this.#growth, 'grown', { signal });
  }

  /** The log as a node finds it that starts again, without the last records if it was restored from an older copy. */
  reopen(lost = 0): NodeLog {
    this.records.length -= Math.min(lost, this.records.length);
    if (this.#file !== undefined && lost > 0) this.#rewrite(this.#file);
    return new NodeLog(this.#file, this.records);
  }

  #metadata(name: string): Record<string, number> {
    const event = this.stream(`$$${name}`).at(-1);
    return event ? (JSON.parse(event.data.toString()) as Record<string, number>) : {};
  }

  #rewrite(file: string): void {
    writeFileSync(file, this.records.map((record) => toLine([record])).join(''));
  }

  #place(content: Omit<LogRecord, 'position' | 'size'>): LogRecord {
    const { data, metadata, stream, type } = content;
    const size = BigInt(85 + data.length + metadata.length + 2 * (stream.length + type.length));
    const record: LogRecord = { ...content, position: this.end, size };
    this.records.push(record);
    if (record.revision === DELETED) this.#tombstones.add(stream);
    else
      this.#streams
        .set(stream, this.#streams.get(stream) ?? [])
        .get(stream)!
        .push(record);
    return record;
  }
}
