import type { IncomingMessage } from 'node:http';

/** Whether the request announces a body (RFC 9112, 6). */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0');

/**
 * The body's bytes, 'too-large' beyond `limit` bytes (what follows is read and dropped, so that the answer reaches a
 * caller that is still sending), or 'aborted' when the caller went away.
 */
export const readBody = (request: IncomingMessage, limit: number): Promise<Buffer | 'too-large' | 'aborted'> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: Buffer | 'too-large' | 'aborted'): void => {
      request.off('data', take);
      request.off('end', end);
      request.off('close', gone);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
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
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      request.resume();
      resolve('too-large');
      return;
    }
    request.on('error', gone);
    request.on('data', take);
    request.on('end', end);
    request.on('close', gone);
  });
