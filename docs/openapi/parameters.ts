import type { OperationId } from '@rollbook/shared/contracts/operations';

interface HeaderParameter {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  readonly pattern?: string;
}

/** Headers that a request may carry, by the name of their component. */
export const REQUEST_HEADERS = {
  RequestId: {
    name: 'X-Request-Id',
    description: 'Names the request in the answer, the log and the event. Made here when absent or malformed.',
    example: 'portal-1f0c2b7e',
  },
  CorrelationId: {
    name: 'X-Correlation-Id',
    description: 'Kept with the event beside the request id, which it is unless sent: ties the requests of one errand.',
    example: 'checkout-5f0c2b7e',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    description:
      'Makes the command safe to send again: for 24 hours the same key with the same body gets the first answer, and ' +
      'nothing happens twice. The same key with another body is 422.',
    example: '0f6e2f5a-6c1d-4a53-9d3e-7f3b1c9e52a4',
    pattern: '^[\\x21-\\x7e]{1,255}$',
  },
  IfMatch: {
    name: 'If-Match',
    description: 'Do it only to the version that this `ETag` names; else 412 with the current one.',
    example: '"7"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    description: 'The `ETag` of what the caller has: 304 while it is the same.',
    example: '"7.3"',
  },
  ConsistencyToken: {
    name: 'Consistency-Token',
    description: 'Of a command: the answer includes it. Waited for at most two seconds, then 503.',
    example: 'ct1.k1.eyJwb3NpdGlvbiI6IjAwMDAwMDAwMDAwMDAwMDAwMDQyIn0.c2lnbmF0dXJl',
  },
  LastEventId: {
    name: 'Last-Event-ID',
    description: 'The id of the last event that was read: the stream goes on after it, whatever `from` says.',
    example: '00000000000000000042',
  },
} as const satisfies Record<string, HeaderParameter>;
export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** Sessions have no version, so these commands have nothing to match. */
const WITHOUT_IF_MATCH: readonly OperationId[] = ['login', 'refresh', 'logout'];

/** The headers that an operation reads. `hasEtag`: its answer carries one. */
export const requestHeaders = (operation: OperationId, isQuery: boolean, hasEtag: boolean): readonly RequestHeader[] =>
  isQuery
    ? [
        ...(['RequestId', 'CorrelationId', 'ConsistencyToken'] as const),
        ...(hasEtag ? (['IfNoneMatch'] as const) : []),
        ...(operation === 'followEvents' ? (['LastEventId'] as const) : []),
      ]
    : [
        'RequestId',
        'CorrelationId',
        'IdempotencyKey',
        ...(WITHOUT_IF_MATCH.includes(operation) ? [] : (['IfMatch'] as const)),
      ];

export const headerParameter = ({ name, description, example, pattern }: HeaderParameter) => ({
  name,
  in: 'header' as const,
  required: false,
  description,
  schema: { type: 'string' as const, ...(pattern !== undefined && { pattern }) },
  example,
});
