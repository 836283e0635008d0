/** An answer, read to its end. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Headers;
  // A test says what it expects of the body; the schemas are checked elsewhere.
  readonly body: any;
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Sends one request to a Rollbook at `url` (without `/v1`, which is added) and reads the answer. */
export const call = async (
  url: string,
  method: string,
  path: string,
  { token, headers = {}, body }: CallOptions = {},
): Promise<ClientAnswer> => {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isText = /^(?:text\/(?:plain|csv)|application\/x-ndjson)\b/.test(response.headers.get('content-type') ?? '');
  const read: unknown = isText ? text : text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: read };
};

/** The token of the first link to `path` in a mail's text. */
export const linkToken = (text: string | undefined, path: string): string => {
  const match = new RegExp(`/${path}\\?token=([\\w.-]+)`).exec(text ?? '');
  if (!match?.[1]) throw new Error(`The mail has no link to ${path}`);
  return match[1];
};
