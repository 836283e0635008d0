import { createHash } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { OperationId } from '@rollbook/shared/contracts/operations';
import { placeOf, targetOf } from '@rollbook/shared/http/paths';

/** A command that was answered, as the server itself saw it. */
export interface AnsweredCommand {
  readonly operation: OperationId;
  readonly url: string;
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly key: string | null;
  readonly bearer: string | null;
  /** The refresh token in a browser's cookie. */
  readonly cookie: string | null;
  /** As JSON; null for what is none. */
  readonly body: unknown;
  /** SHA-256 (hex) of the body as it came. */
  readonly digest: string;
  /** From when to when it was worked on, ms since 1970. */
  readonly from: number;
  readonly until: number;
  readonly status: number;
  /** `error.code` of the answer, or null. */
  readonly code: string | null;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

const jsonOf = (chunks: readonly Buffer[]): unknown => {
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return null;
  }
};

const codeOf = (body: unknown): string | null => {
  const { error } = (body ?? {}) as { readonly error?: { readonly code?: string } };
  return error?.code ?? null;
};

/**
 * Notes every command that the server at `url` answers, from inside: whoever sends it, and by whatever means. Node tells
 * of each request of each server of this process; nothing of the product is changed for it.
 */
export const recordCommands = (url: string): { readonly commands: AnsweredCommand[]; stop(): void } => {
  const port = Number(new URL(url).port);
  const commands: AnsweredCommand[] = [];
  const bodies = new WeakMap<IncomingMessage, { readonly sent: Buffer[]; readonly from: number }>();
  const answers = new WeakMap<ServerResponse, Buffer[]>();
  const isOurs = (server: Server): boolean => {
    const address = server.address();
    return typeof address === 'object' && address?.port === port;
  };

  const begin = (message: unknown): void => {
    const { request, response, server } = message as Exchange;
    if (request.method === 'GET' || !isOurs(server)) return;
    const sent: Buffer[] = [];
    const answered: Buffer[] = [];
    bodies.set(request, { sent, from: Date.now() });
    answers.set(response, answered);
    const push = request.push.bind(request);
    request.push = (chunk: Buffer | null, ...more: []) => {
      if (chunk) sent.push(chunk);
      return push(chunk, ...more);
    };
    const end = response.end.bind(response) as (...all: unknown[]) => ServerResponse;
    response.end = (...all: unknown[]) => {
      if (typeof all[0] === 'string') answered.push(Buffer.from(all[0]));
      return end(...all);
    };
  };

  const finish = (message: unknown): void => {
    const { request, response } = message as Exchange;
    const asked = bodies.get(request);
    if (!asked) return;
    const target = targetOf(request.url ?? '/');
    const place = placeOf(target.path);
    const operation = place?.operations.get(request.method ?? '');
    if (!place || !operation) return;
    const { authorization, cookie = '', 'idempotency-key': key } = request.headers;
    commands.push({
      operation,
      url: `${target.path}${target.search}`,
      params: place.params,
      requestId: String(response.getHeader('x-request-id')),
      key: typeof key === 'string' ? key : null,
      bearer: authorization?.replace(/^bearer /i, '') ?? null,
      cookie: /rollbook_refresh=([^;\s]+)/.exec(cookie)?.[1] ?? null,
      body: jsonOf(asked.sent),
      digest: createHash('sha256').update(Buffer.concat(asked.sent)).digest('hex'),
      from: asked.from,
      until: Date.now(),
      status: response.statusCode,
      code: codeOf(jsonOf(answers.get(response) ?? [])),
    });
  };

  const [started, finished] = [channel('http.server.request.start'), channel('http.server.response.finish')];
  started.subscribe(begin);
  finished.subscribe(finish);
  return {
    commands,
    stop: () => {
      started.unsubscribe(begin);
      finished.unsubscribe(finish);
    },
  };
};
