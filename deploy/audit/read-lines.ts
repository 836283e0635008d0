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
  // Of a line whose end has not come; put together once, so that a long one costs no more than its length.
  let kept: Buffer[] = [];
  let length = 0;
  const take = (last: Buffer): Buffer => {
    const whole = kept.length === 0 ? last : Buffer.concat([...kept, last]);
    [kept, length] = [[], 0];
    return whole;
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      reader.line(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) {
      kept.push(chunk.subarray(start));
      length += chunk.length - start;
    }
    if (length > LONGEST) reader.line(take(Buffer.alloc(0)));
    reader.read?.(chunk.length);
  }
  if (length > 0) reader.rest(take(Buffer.alloc(0)));
};
