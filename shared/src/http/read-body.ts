import type { IncomingMessage } from 'node:http';

/** Whether the request announces a body (RFC 9112, 6). */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0');

/** Milliseconds without a byte after which a caller is taken for gone. */
const STALLED = 10_000;

/**
 * The body's bytes, 'too-large' beyond `limit` bytes (what follows is read and dropped, so that the answer reaches a
 * caller that is still sending), or 'aborted' when the caller went away or sends nothing
 * any more.
 */
export const readBody = (
  request: IncomingMessage,
  limit: number,
  stalledAfter = STALLED,
): Promise<Buffer | 'too-large' | 'aborted'> =>
  new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      request.resume();
      resolve('too-large');
      return;
    }
    const stalled = setTimeout(() => {
      finish('aborted');
      request.destroy();
    }, stalledAfter);
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: Buffer | 'too-large' | 'aborted'): void => {
      request.off('data', take);
      request.off('end', end);
      request.off('close', gone);
      clearTimeout(stalled);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      stalled.refresh();
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      finish('too-large');
      request.resume();
    };
    const end = (): void => {
      finish(Buffer.concat(chunks));
    };
    const gone = (): void => {
      finish('aborted');
    };
    request.on('error', gone);
    request.on('data', take);
    request.on('end', end);
    request.on('close', gone);
  });
