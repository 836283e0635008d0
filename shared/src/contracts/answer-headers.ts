/** A header of our own making, or one whose value says something of ours. */
interface DocumentedHeader {
  readonly description: string;
  readonly example: string;
  /** Of the value, anchored. */
  readonly pattern?: string;
}

const headers = <const T extends Record<string, DocumentedHeader>>(table: T): T => table;

/** Every header that answers carry beside those of HTTP itself. The API document and CORS speak of these. */
export const ANSWER_HEADERS = headers({
  'X-Request-Id': {
    description: 'Names the request in the error, the log and the event: as sent when well-formed, else made here.',
    example: 'req_5f0c2b7e9d1a4c38',
  },
  ETag: {
    description: 'The version of the resource: for `If-Match` in a command, `If-None-Match` in a query.',
    example: '"7"',
    pattern: '^(?:W/)?"[^"]*"$',
  },
  Location: {
    description: 'The path of what was made.',
    example: '/v1/users/7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
    pattern: '^/',
  },
  'Consistency-Token': {
    description: 'Sent back with a query, it makes the answer include this command. Opaque.',
    example: 'ct1.k1.eyJwb3NpdGlvbiI6IjAwMDAwMDAwMDAwMDAwMDAwMDQyIn0.c2lnbmF0dXJl',
  },
  'Projection-Position': {
    description: 'How far in the log the read model is that answered; empty while the log is empty.',
    example: '00000000000000000042',
  },
  'Projection-Lag-Ms': {
    description: 'How long ago, in milliseconds, that read model was known to be complete.',
    example: '12',
    pattern: '^\\d+$',
  },
  'Retry-After': { description: 'Seconds to wait before the next try.', example: '1', pattern: '^[1-9]\\d*$' },
  'X-RateLimit-Limit': {
    description:
      'Requests an hour of whoever asks: the person, the API key, else the address. Absent where there is no limit.',
    example: '1000',
    pattern: '^[1-9]\\d*$',
  },
  'X-RateLimit-Remaining': {
    description: 'How many of them are left.',
    example: '999',
    pattern: '^\\d+$',
  },
  'X-RateLimit-Reset': {
    description: 'When the count starts anew, in seconds since 1970.',
    example: '1696857600',
    pattern: '^\\d+$',
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 9110, 11.6.1).',
    example: 'Bearer realm="rollbook", error="invalid_token"',
    pattern: '^Bearer ',
  },
  'Set-Cookie': {
    description: 'The refresh token, for a browser that asked for `refresh_transport: cookie`; or its end.',
    example: '__Host-rollbook_refresh=eyJ…; Path=/; HttpOnly; Secure; SameSite=Strict',
  },
  Deprecation: {
    description: 'Since when the route is deprecated (RFC 9745), in seconds since 1970.',
    example: '@1798761600',
    pattern: '^@\\d+$',
  },
  Sunset: {
    description: 'From when on the route may be gone (RFC 8594).',
    example: 'Sat, 01 Jan 2028 00:00:00 GMT',
    pattern: ' GMT$',
  },
  Link: {
    description:
      'Where the change is described (`deprecation`, `sunset`), and what comes instead (`successor-version`).',
    example: '</docs>; rel="deprecation"; type="text/html", </v2/users>; rel="successor-version"',
    pattern: '^<[^>]+>; rel="',
  },
  'Content-Disposition': { description: 'How a browser shows it.', example: 'inline' },
});
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** On every answer to a request that is counted: all below `/v1`, whatever the answer is. */
export const RATE_LIMIT_HEADERS = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
] as const satisfies readonly AnswerHeader[];

/** On every answer of a route that is deprecated, and on no other. */
export const DEPRECATION_HEADERS = ['Deprecation', 'Sunset', 'Link'] as const satisfies readonly AnswerHeader[];
