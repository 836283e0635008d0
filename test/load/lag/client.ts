import { Agent, request } from 'node:http';

export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** When the last byte was here, by `performance.now()`. */
  readonly at: number;
}

export type Send = (method: string, path: string, body?: object) => Promise<Heard>;

/** Sends requests over connections that stay open. */
export const sender = (url: string, token: string | null): Send => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const authorization = token === null ? {} : { Authorization: `Bearer ${token}` };
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const content =
        text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
      const sent = request(
        `${url}/v1${path}`,
        { method, agent, headers: { ...authorization, ...content } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('error', reject);
          answer.once('end', () => {
            const at = performance.now();
            const heard = Buffer.concat(chunks).toString('utf8');
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: heard, at });
          });
        },
      );
      sent.once('error', reject);
      sent.end(text);
    });
};

/** The answer, if it has the status; throws otherwise. */
export const expectStatus = async (wanted: number, sent: Promise<Heard>): Promise<Heard> => {
  const heard = await sent;
  if (heard.status !== wanted)
    throw new Error(`${String(wanted)} was wanted, not ${String(heard.status)}: ${heard.body}`);
  return heard;
};
