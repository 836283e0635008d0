import type { ServerResponse } from 'node:http';
import { reject, type Rejection } from '../contracts/rejections.ts';
import { SECOND, type Clock } from '../kernel/clock.ts';
import { untilAborted } from '../kernel/until-aborted.ts';

/** A body that is sent piece by piece at its reader's pace: one piece and node's own buffer are all that ever waits. */
export interface StreamedBody {
  /** The content type. */
  readonly type: string;
  /**
   * Called once, and never for HEAD; the next piece is asked for when the reader has taken the one before. Nothing is
   * sent before the first piece: what is thrown until then is answered as an error, later it breaks the connection, so
   * that nobody takes a half for the whole. `over` aborts when nothing more will be sent.
   */
  pieces(over: AbortSignal): AsyncIterable<string | Buffer>;
  /**
   * Resolves when the reader may have no more, with the reason: it is the answer where nothing was sent yet. A fault
   * (nobody can tell) ends the stream, too; what it resolves to after `over` does not matter.
   */
  until?(over: AbortSignal): Promise<Rejection>;
  /**
   * Every piece stands by itself and there is no last one (server-sent events): the server may end it anywhere, and does
   * so at once when it stops. Any other body that does not come to its own end is cut off.
   */
  readonly endless?: boolean;
}

interface StreamAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream: StreamedBody;
}

/** How long (ms) a reader may leave what was sent untouched before it is dropped. */
export const PATIENCE = 10 * SECOND;
/** How long (ms) the last bytes of a body that was ended early may take. */
const LAST_BYTES = 500;

/** `whole`: to its own end; `ended`: by `until` or the server's stop; `gone`: by its reader; `slow`: reader dropped. */
export type StreamEnd = 'whole' | 'ended' | 'gone' | 'slow';

/** Waits until node's buffer is empty again, or nobody is to wait for that any more. */
const drained = async (response: ServerResponse, clock: Clock, over: AbortSignal): Promise<'drained' | 'slow'> => {
  if (over.aborted) return 'drained';
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  response.once('drain', stop);
  over.addEventListener('abort', stop, { once: true });
  await clock.sleep(PATIENCE, enough.signal);
  response.off('drain', stop);
  over.removeEventListener('abort', stop);
  return enough.signal.aborted ? 'drained' : 'slow';
};

/** Sends the pieces; says how it ended. Throws what `pieces` throws. */
const sendPieces = async (
  response: ServerResponse,
  answer: StreamAnswer,
  clock: Clock,
  over: AbortSignal,
): Promise<StreamEnd> => {
  const pieces = answer.stream.pieces(over)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(pieces.next(), over);
      if (next === undefined || over.aborted) return 'ended';
      if (!response.headersSent) writeHead(response, answer);
      if (next.done === true) return 'whole';
      if (!response.write(next.value) && (await drained(response, clock, over)) === 'slow') return 'slow';
    }
  } finally {
    // Not waited for: it comes to that only when it looks at the signal.
    void pieces.return?.().catch(() => undefined);
  }
};

const writeHead = (response: ServerResponse, { status, headers = {}, stream }: StreamAnswer): void => {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', stream.type);
};

/** Ends what has begun: an endless body properly unless its reader takes nothing any more, any other by a break. */
const endEarly = async (response: ServerResponse, endless: boolean, clock: Clock): Promise<void> => {
  if (endless && !response.writableNeedDrain) {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    response.end();
    if (!response.closed) await clock.sleep(LAST_BYTES, closed.signal);
  }
  if (!response.closed) response.destroy();
};

/**
 * Sends a streamed answer and says how it ended, or gives a rejection that is to be sent in its place. Throws what
 * `pieces` throws; whether something was sent by then, `headersSent` says.
 */
export const sendStream = async (
  response: ServerResponse,
  answer: StreamAnswer,
  { method, clock }: { readonly method: string; readonly clock: Clock },
): Promise<StreamEnd | Rejection> => {
  if (method === 'HEAD') {
    writeHead(response, answer);
    response.end();
    return 'whole';
  }
  const over = new AbortController();
  const stop = (): void => over.abort();
  response.once('close', stop);
  if (response.closed) stop();
  let refused: Rejection | undefined;
  const refuse = (rejection: Rejection): void => {
    refused = rejection;
    stop();
  };
  void answer.stream.until?.(over.signal).then(refuse, () => refuse(reject('unavailable')));
  try {
    const end = await sendPieces(response, answer, clock, over.signal);
    if (response.closed && end !== 'whole') return 'gone';
    if (end === 'ended' && !response.headersSent && refused) return refused;
    if (end === 'whole') response.end();
    else await endEarly(response, end === 'ended' && answer.stream.endless === true, clock);
    return end;
  } finally {
    response.off('close', stop);
    stop();
  }
};
