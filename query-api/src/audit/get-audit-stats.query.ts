import { z } from 'zod';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { DAY, toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { FIRST, instantParameter } from '../read-model/instant-parameter.ts';
import { refuseParameter } from '../read-model/paging.ts';
import { projectionHeaders, type JsonQuery } from '../read-model/read-model.ts';
import { NO_CLAIM } from './index-row.ts';
import { READ_AUDIT, readIndex } from './read-audit.ts';

/** Most time that one answer counts, in ms: then an answer has at most 745 buckets. */
const LONGEST = 31 * DAY;

const Query = z.strictObject({
  bucket: z.enum(['hour']).default('hour'),
  after: instantParameter.optional(),
  before: instantParameter.optional(),
});

interface Span {
  readonly after: string;
  readonly before: string;
}

/** The span that is counted: a day up to now unless something else is asked. */
const spanOf = ({ after, before }: z.output<typeof Query>, now: number): Span | Rejection => {
  const until = before === undefined ? now : Date.parse(before);
  const from = after === undefined ? Math.max(FIRST, until - DAY) : Date.parse(after);
  if (from >= until) return refuseParameter('before', 'conflict', 'must be later than after');
  if (until - from > LONGEST) return refuseParameter('after', 'too_broad', 'must be at most 31 days before the end');
  return { after: toInstant(from), before: toInstant(until) };
};

const BUCKET = `date_trunc('hour', a.recorded_at at time zone 'UTC')`;

const countsOf = ({ after, before }: Span): JsonQuery => ({
  text: `select coalesce(json_agg(json_build_object('from', to_char(h.bucket, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'total', h.total, 'types', h.types) order by h.bucket), '[]')
    from (select c.bucket, sum(c.events)::float8 as total, json_object_agg(c.type, c.events order by c.type) as types
      from (select ${BUCKET} as bucket, a.type, count(*) as events from read_model.audit_index a
        where ${NO_CLAIM} and a.recorded_at > $1::timestamptz and a.recorded_at < $2::timestamptz
        group by 1, 2) c
      group by c.bucket) h`,
  values: [after, before],
});

const Bucket = z.strictObject({
  /** The hour's beginning, UTC. */
  from: z.string(),
  total: z.int(),
  types: z.record(z.string(), z.int()),
});

const Stats = z
  .strictObject({
    bucket: z.enum(['hour']),
    after: z.string(),
    before: z.string(),
    data: z.array(Bucket),
  })
  .meta({
    id: 'AuditStats',
    example: {
      bucket: 'hour',
      after: '2026-01-02T03:00:00.000Z',
      before: '2026-01-02T04:00:00.000Z',
      data: [{ from: '2026-01-02T03:00:00.000Z', total: 2, types: { RoleChanged: 1, SignedIn: 1 } }],
    },
  });

/** `GET /audit/stats`. */
export const getAuditStats = (parts: QueryParts & { readonly clock: Clock }): Endpoint =>
  defineEndpoint({
    operation: 'getAuditStats',
    tag: 'Audit',
    summary: 'Count the events of the audit trail',
    description:
      'How many events of each type were recorded in each hour (UTC) between `after` and `before`: the last 24 hours ' +
      'unless said otherwise, 31 days at most. Hours without an event are left out. It names nobody.',
    token: 'required',
    permission: READ_AUDIT,
    query: Query,
    answers: { 200: { description: 'The counts', body: Stats } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      askAlsoByKey(parts, context, async () => {
        const span = spanOf(query, parts.clock.now());
        if (isRejection(span)) return span;
        const counted = await readIndex<z.output<typeof Bucket>[]>(parts.readModel, countsOf(span), [
          'after',
          'before',
        ]);
        if (isRejection(counted)) return counted;
        const body = { bucket: query.bucket, ...span, data: counted.found };
        return { status: 200, body, headers: projectionHeaders(counted) };
      }),
  });
