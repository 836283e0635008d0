import { call, type ClientAnswer } from './client.ts';

/** What `getPicture` answered. */
export interface SeenPicture {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

type Sent = Readonly<Record<string, string>>;

/** Headers that make a query include what this answer tells of. */
export const including = ({ headers }: ClientAnswer): Sent => ({
  'consistency-token': headers.get('consistency-token') ?? '',
});

/** The three requests about a picture, at a Rollbook at `url`. */
export const picturesAt = (url: string) => {
  const send = (method: string, token: string, id: string, headers: Sent, body?: Buffer): Promise<Response> =>
    fetch(`${url}/v1/users/${id}/picture`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
  return {
    async put(token: string, id: string, body: Buffer, headers: Sent = {}): Promise<ClientAnswer> {
      const response = await send('PUT', token, id, { 'content-type': 'image/png', ...headers }, body);
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    },
    async see(token: string, id: string, headers: Sent = {}, method = 'GET'): Promise<SeenPicture> {
      const response = await send(method, token, id, headers);
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    remove: (token: string, id: string, headers: Sent = {}): Promise<ClientAnswer> =>
      call(url, 'DELETE', `/users/${id}/picture`, { token, headers }),
  };
};

/** Waits until a count of stored pictures is what is expected: what is left over is deleted a moment later. */
export const untilCount = async (count: () => Promise<number>, expected: number): Promise<void> => {
  for (const until = Date.now() + 60_000; ;) {
    const found = await count();
    if (found === expected) return;
    if (Date.now() > until) throw new Error(`${String(found)} pictures are stored, not ${String(expected)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
