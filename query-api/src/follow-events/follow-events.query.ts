import { z } from 'zod';
import { PUBLIC_EVENTS, type PublicEventType } from '@rollbook/shared/contracts/public-events';
import type { DetailParams } from '@rollbook/shared/contracts/detail-codes';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { OtherLog } from '@rollbook/shared/event-log/errors';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Admission } from '@rollbook/shared/http/admission';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { toCloudEvent } from '@rollbook/shared/message-feed/cloud-event';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { logHeaders } from '../get-user/answer-user-as-of.ts';
import { askAlsoByKey } from '../read-model/ask.ts';
import { holdPlace } from '../read-model/hold-place.ts';
import type { QueryAuthority } from '../read-model/query-authority.ts';
import { badToken, type ReadModel } from '../read-model/read-model.ts';
import { whileAllowed } from '../read-model/while-allowed.ts';
import { followBlocks, type FollowParts, type Wanted } from './follow-blocks.ts';
import { EVENT_STREAM, eventBlock, helloBlock } from './sse.ts';
import { refusePlace, startPlace, type StartWanted } from './start-place.ts';

export interface FollowEventsParts extends FollowParts {
  readonly authority: QueryAuthority;
  readonly log: Pick<EventLog, 'end' | 'logId'>;
  readonly tokens: ConsistencyTokens;
  readonly clock: Clock;
  /** A stream is a request that goes on, so their number is bounded: in all, and for each caller. */
  readonly streams: Admission;
}

const isPublicType = (type: string): type is PublicEventType => Object.hasOwn(PUBLIC_EVENTS, type);

const Types = z
  .string()
  .transform((text) => text.split(','))
  .refine((types) => types.every(isPublicType), {
    params: { code: 'invalid_value' } satisfies DetailParams,
    error: 'must be types of the event feed, separated by commas',
  });

const Query = z.strictObject({
  from: z.string().max(2_048, { error: 'is too long' }).default('now'),
  type: Types.optional(),
});

/** What is read from the log has reached it, whatever a command of this log has written before. */
const reachedBy = async ({ log, tokens }: FollowEventsParts, token: string | null): ReturnType<ReadModel['reach']> => {
  if (token === null) return { waited: false };
  const point = tokens.read(token);
  if (point === null) return badToken('malformed', 'was not given out here');
  return point.logId === (await log.logId())
    ? { waited: false }
    : badToken('other_log', 'belongs to another event log');
};

/**
 * A position of another log may look like one of this: a store that can tell says so when it is read from there. Throws
 * what reading throws.
 */
const isForeign = async (
  { behind }: FollowParts,
  { place }: Wanted,
  { from, lastEventId }: StartWanted,
): Promise<boolean> => {
  if (place === null || (lastEventId === null && from === 'now')) return false;
  try {
    await behind.probe(place);
    return false;
  } catch (fault) {
    if (fault instanceof OtherLog) return true;
    throw fault;
  }
};

const answer = async (
  parts: FollowEventsParts,
  context: RequestContext,
  wanted: Wanted,
  start: StartWanted,
): Promise<Pick<Answer, 'status' | 'headers' | 'stream'> | Rejection> => {
  if (await isForeign(parts, wanted, start)) return refusePlace(start, 'other_log');
  const stream = whileAllowed(parts, context, {
    type: EVENT_STREAM,
    endless: true,
    pieces: (over) => followBlocks(parts, wanted, over),
  });
  if (isRejection(stream)) return stream;
  // Proxies that would collect an answer are asked not to.
  return { status: 200, headers: { ...logHeaders(wanted.place), 'X-Accel-Buffering': 'no' }, stream };
};

const MESSAGE = {
  id: '3f0c9a52-6d3e-4f0b-9d0e-2f6f1a2b3c4d',
  type: 'rollbook.user.username-changed.v1',
  time: '2026-01-02T03:04:05.678Z',
  key: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
  position: '00000000000000000042',
  data: { user_id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11', revision: 7 },
};
const EXAMPLE = `${helloBlock(null)}${eventBlock(MESSAGE.position, MESSAGE.type, toCloudEvent(MESSAGE)).toString()}`;

/** `GET /events`. */
export const followEvents = (parts: FollowEventsParts): Endpoint =>
  defineEndpoint({
    operation: 'followEvents',
    tag: 'Events',
    summary: 'Follow what happens to users',
    description:
      'Server-sent events, for ever: the messages of the event feed, in the order of the log, at least once. `id` is the ' +
      'position, `event` the type, `data` the CloudEvent as JSON. `Last-Event-ID` goes on after the last one read and ' +
      'wins over `from`; a position that this log does not have is refused. `type` takes several types, separated by ' +
      'commas. A browser reads it by `fetch`, since a token never stands in a URL. The page `/docs` shows nothing of it ' +
      'until it ends: look at it with `curl -N`.',
    token: 'required',
    permission: { who: 'permitted', may: 'read_audit', scope: 'events:read' },
    query: Query,
    answers: { 200: { description: 'The stream', body: null, texts: { 'text/event-stream': EXAMPLE } } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) => {
      return askAlsoByKey(
        { authority: parts.authority, readModel: { reach: (token) => reachedBy(parts, token) } },
        context,
        async (reader) => {
          const start = { from: query.from, lastEventId: context.lastEventId };
          const found = await startPlace(parts, start);
          if (isRejection(found)) return found;
          const types = query.type === undefined ? null : new Set(query.type);
          const wanted = { place: found.place, types };
          return holdPlace(parts.streams, reader, () => answer(parts, context, wanted, start));
        },
        { needs: 'log' },
      );
    },
  });
