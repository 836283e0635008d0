import { isOpenPath } from '../contracts/open-paths.ts';
import { OPERATIONS, type OperationId } from '../contracts/operations.ts';

/** Where a request target leads. */
export interface Target {
  /** The path with `/api/v1` read as `/v1`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  /** Whether the path belongs to the API: only there are requests counted. */
  readonly isApi: boolean;
}

/** What stands at a known path. */
export interface Place {
  readonly params: Readonly<Record<string, string>>;
  /** The operation of each method; empty for a path outside `/v1`. */
  readonly operations: ReadonlyMap<string, OperationId>;
  /** For `Allow`: the methods of the whole API here. */
  readonly allow: string;
}

interface Pattern {
  readonly segments: readonly string[];
  readonly operations: Map<string, OperationId>;
}

const patterns = ((): readonly Pattern[] => {
  const byPath = new Map<string, Pattern>();
  for (const [id, { method, path }] of Object.entries(OPERATIONS)) {
    const pattern = byPath.get(path) ?? { segments: path.slice(1).split('/'), operations: new Map() };
    pattern.operations.set(method, id as OperationId);
    byPath.set(path, pattern);
  }
  // A fixed segment wins over a parameter: `/users/me` before `/users/{id}`.
  return [...byPath.entries()]
    .sort(([a], [b]) => (a.includes('{') ? 1 : 0) - (b.includes('{') ? 1 : 0))
    .map(([, p]) => p);
})();

const allowOf = (methods: Iterable<string>): string => {
  const all = new Set(methods);
  if (all.has('GET')) all.add('HEAD');
  all.add('OPTIONS');
  return [...all].join(', ');
};

/** Splits a request target. The target is taken as it was sent: nothing is normalised. */
export const targetOf = (url: string): Target => {
  const mark = url.indexOf('?');
  const sent = mark === -1 ? url : url.slice(0, mark);
  const path = sent.startsWith('/api/v1/') ? sent.slice('/api'.length) : sent;
  return { path, search: mark === -1 ? '' : url.slice(mark), isApi: /^\/(?:api\/)?v1(?:\/|$)/.test(sent) };
};

/**
 * Whether a path is written in the one form that is served: from `/`, without `//`, a trailing `/`, dot segments, a
 * backslash or their encoded forms.
 */
export const isExactPath = (path: string): boolean =>
  path.startsWith('/') &&
  !path.includes('//') &&
  (path === '/' || !path.endsWith('/')) &&
  !/%2f|%5c|\\|#/i.test(path) &&
  !path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));

const decode = (segment: string): string | null => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
};

const match = (pattern: Pattern, segments: readonly string[]): Record<string, string> | null => {
  if (pattern.segments.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.segments.entries()) {
    const segment = segments[index] ?? '';
    if (expected.startsWith('{')) {
      const value = decode(segment);
      if (value === null || value === '') return null;
      params[expected.slice(1, -1)] = value;
    } else if (segment !== expected) return null;
  }
  return params;
};

/** The place of a path in the whole API, by exact comparison; null when there is none (404). */
export const placeOf = (path: string, alsoKnown: readonly string[] = []): Place | null => {
  if (!isExactPath(path)) return null;
  if (isOpenPath(path) || alsoKnown.includes(path))
    return { params: {}, operations: new Map(), allow: allowOf(['GET']) };
  if (!path.startsWith('/v1/')) return null;
  const segments = path.slice('/v1/'.length).split('/');
  for (const pattern of patterns) {
    const params = match(pattern, segments);
    if (params !== null) return { params, operations: pattern.operations, allow: allowOf(pattern.operations.keys()) };
  }
  return null;
};
