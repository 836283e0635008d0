import { createReadStream } from 'node:fs';

/** Bytes; no line of a bundle is longer: the store takes events of at most 1 MiB. */
const LONGEST = 16 * 1024 * 1024;
const LINE_FEED = 10;

export interface LineReader {
  /** A line without its line feed; the bytes hold only during the call. */
  line(bytes: Buffer): void;
  /** What stands behind the last line feed, if anything. */
  rest(bytes: Buffer): void;
  /** After each piece of the file. */
  read?(bytes: number): void;
}

/** Reads a file (`-`: what is piped in) line by line, one piece in memory at a time. Throws what the file system says. */
export const readLines = async (file: string, reader: LineReader): Promise<void> => {
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  let kept = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      reader.line(bytes.subarray(start, end));
      start = end + 1;
    }
    kept = Buffer.from(bytes.subarray(start));
    if (kept.length > LONGEST) {
      reader.line(kept);
      kept = Buffer.alloc(0);
    }
    reader.read?.(chunk.length);
  }
  if (kept.length > 0) reader.rest(kept);
};
