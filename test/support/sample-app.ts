import { z } from 'zod';
import { pino, type Logger } from 'pino';
import { buildApp, type AppOptions } from '@rollbook/shared/http/build-app';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import { listen, type Listening } from '@rollbook/shared/http/server';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

/** What an endpoint of the sample was called with, last. */
export interface Call {
  readonly operation: string;
  readonly input: unknown;
  readonly context: RequestContext;
}

const about = {
  summary: '',
  description: '',
  tag: 'Service',
  permission: { who: 'anyone' },
  answers: {},
  errors: [],
} as const;

/** Endpoints that exercise the edge: they only say what they were called with. */
export const sampleEndpoints = (
  record: (call: Call) => void,
  answer: () => Promise<Answer | Rejection> = () => Promise.resolve({ status: 200, body: { ok: true } }),
): readonly Endpoint[] => [
  defineEndpoint({
    ...about,
    operation: 'registerUser',
    token: 'optional',
    body: z.strictObject({
      email: z.string().max(20),
      name: z.string().optional(),
      preferences: z.strictObject({ theme: z.string(), tags: z.array(z.int()).optional() }).optional(),
      role: z
        .string()
        .refine((role) => role !== 'king', { params: { code: 'unknown_role' }, error: 'no kings' })
        .optional(),
    }),
    alsoAccepts: ['application/merge-patch+json'],
    handle: (input, context) => {
      record({ operation: 'registerUser', input, context });
      return answer();
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'logout',
    token: 'ignored',
    body: z.strictObject({ refresh_token: z.string() }).optional(),
    handle: (input, context) => {
      record({ operation: 'logout', input, context });
      return Promise.resolve({ status: 204 });
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'logoutEverywhere',
    token: 'ignored',
    handle: (input, context) => {
      record({ operation: 'logoutEverywhere', input, context });
      return Promise.resolve({ status: 204 });
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'listUsers',
    token: 'required',
    query: z.strictObject({ page: z.string().regex(/^\d+$/).optional() }),
    handle: (input, context) => {
      record({ operation: 'listUsers', input, context });
      return Promise.resolve({ status: 200, body: { data: [] } });
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'getMe',
    token: 'required',
    handle: (input, context) => {
      record({ operation: 'getMe', input, context });
      return Promise.resolve({ status: 200, body: { me: true }, headers: { ETag: '"4.2"' } });
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'getUser',
    token: 'required',
    params: z.strictObject({ id: z.uuid() }),
    handle: (input, context) => {
      record({ operation: 'getUser', input, context });
      return Promise.resolve(reject('not_found'));
    },
  }),
];

export interface Sample {
  readonly server: Listening;
  readonly url: string;
  readonly calls: Call[];
  /** Every line that was logged. */
  readonly lines: string[];
}

/** Serves the sample endpoints on a free port. */
export const serveSample = async (
  options: Partial<AppOptions> & {
    answer?: () => Promise<Answer | Rejection>;
    clock?: Clock;
    /** Declares an endpoint otherwise. */
    change?: (endpoint: Endpoint) => Endpoint;
  } = {},
): Promise<Sample> => {
  const calls: Call[] = [];
  const lines: string[] = [];
  const log: Logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const sample = sampleEndpoints((call) => void calls.push(call), options.answer);
  const endpoints = options.change ? sample.map(options.change) : sample;
  const clock = options.clock ?? systemClock;
  const app = buildApp({ endpoints, clock, random: systemRandom, log, health: {}, ...options });
  const server = await listen(app, { host: '127.0.0.1', port: 0, clock, random: systemRandom });
  return { server, url: server.url, calls, lines };
};
