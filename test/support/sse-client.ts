import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { lookAtStreamed } from './every-message.ts';
import { lookAtIncoming } from './look-at-answer.ts';

export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly id: string;
    readonly type: string;
    readonly position: string;
    readonly subject: string;
    readonly data: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
}

/** An open stream of server-sent events, read as the HTML Standard says: what is cut in the middle is dropped. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: StreamedEvent[];
  /** What a client would send as `Last-Event-ID`. */
  readonly lastId: string | null;
  readonly comments: readonly string[];
  /** Everything that came, as text. */
  readonly text: string;
  /** Resolves once it is over. */
  readonly end: Promise<'whole' | 'broken'>;
  readonly answer: IncomingMessage;
  close(): void;
}

export interface FollowOptions {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is cut after this many characters, wherever that is. */
  readonly cutAfter?: number;
  /** Called for each event, at once. */
  readonly onEvent?: (event: StreamedEvent) => void;
}

/** `origin`: of the gateway or of query-api. `token` is sent as Bearer. */
export const followEventsOf = (
  origin: string,
  token: string,
  { query = '', headers = {}, cutAfter = Infinity, onEvent }: FollowOptions = {},
): Promise<EventStream> =>
  new Promise((resolve, reject) => {
    const sent = get(
      `${origin}/v1/events${query}`,
      { agent: false, headers: { Authorization: `Bearer ${token}`, ...headers } },
      (answer) => {
        lookAtIncoming({ method: 'GET', hostname: new URL(origin).hostname, path: `/v1/events${query}` }, answer);
        const events: StreamedEvent[] = [];
        const comments: string[] = [];
        const stream = { lastId: null as string | null, text: '' };
        let rest = '';
        const takeBlock = (block: string): void => {
          const fields = new Map<string, string>();
          for (const line of block.split('\n')) {
            if (line.startsWith(':')) comments.push(line.slice(1).trim());
            else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart());
          }
          const id = fields.get('id');
          if (id !== undefined) stream.lastId = id;
          const data = fields.get('data');
          if (data === undefined) return;
          const event = { id: id ?? '', type: fields.get('event') ?? '', data: JSON.parse(data) } as StreamedEvent;
          lookAtStreamed(event);
          events.push(event);
          onEvent?.(event);
        };
        const end = new Promise<'whole' | 'broken'>((settle) => {
          answer.once('close', () => settle(answer.complete ? 'whole' : 'broken'));
        });
        answer.on('error', () => undefined);
        answer.setEncoding('utf8').on('data', (whole: string) => {
          const piece = whole.slice(0, cutAfter - stream.text.length);
          stream.text += piece;
          if (stream.text.length >= cutAfter) answer.destroy();
          const blocks = (rest + piece).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) takeBlock(block);
        });
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          events,
          comments,
          get lastId() {
            return stream.lastId;
          },
          get text() {
            return stream.text;
          },
          end,
          answer,
          close: () => {
            answer.destroy();
          },
        });
      },
    );
    sent.on('error', reject);
  });
