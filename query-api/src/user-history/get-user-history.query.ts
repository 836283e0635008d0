import { z } from 'zod';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import {
  defineEndpoint,
  type Answer,
  type Endpoint,
  type Refusal,
  type RequestContext,
} from '@rollbook/shared/http/endpoint';
import { foldPerson } from '@rollbook/shared/person/person.state';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { logHeaders } from '../get-user/answer-user-as-of.ts';
import { isSelf } from '../get-user/answer-user.ts';
import { READ_HISTORY, refuseHistory } from '../get-user/who-may-read-history.ts';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { PageParameters, pageRequestOf, refuseParameter } from '../read-model/paging.ts';
import type { Reader } from '../read-model/query-authority.ts';
import { recordHistoryRead } from '../record-reading/record-history-read.handle.ts';
import type { RecordReadingPorts } from '../record-reading/record-reading.handle.ts';
import { toEntry } from './history-entry.ts';
import { HistoryPage } from './history.schema.ts';
import { readPage, type Place } from './read-page.ts';
import { rolesThen } from './role-then.ts';

export interface HistoryParts extends QueryParts {
  readonly log: Pick<EventLog, 'read' | 'end'>;
  readonly cursors: Cursors;
  readonly readings: RecordReadingPorts;
}

const Query = PageParameters.omit({ page: true }).extend({ cursor: z.string().optional() });

/** What a cursor holds: whose history, where, and the size of its pages. */
const Cursor = z.strictObject({ id: z.uuid(), own: z.int(), signIns: z.int(), size: z.int() });

const OPERATION = 'getUserHistory';

interface Wanted {
  readonly id: string;
  readonly place: Place | null;
  readonly size: number;
}

const wantedOf = (id: string, query: z.output<typeof Query>, cursors: Cursors): Wanted | Rejection => {
  const { cursor, ...sizes } = query;
  const page = pageRequestOf(sizes);
  if (isRejection(page)) return page;
  if (cursor === undefined) return { id, place: null, size: page.pageSize };
  const { data: read } = Cursor.safeParse(cursors.open(OPERATION, cursor));
  if (read?.id !== id) return refuseParameter('cursor', 'malformed', 'was not given out here for this history');
  const given = sizes.page_size ?? sizes.limit;
  return { id, place: read, size: given ?? read.size };
};

const answerHistory = async (
  { log, cursors, readings }: HistoryParts,
  { reader, context }: { readonly reader: Reader; readonly context: RequestContext },
  wanted: Wanted,
): Promise<Answer | Rejection | Refusal> => {
  const { id, size } = wanted;
  const headers = logHeaders(await log.end());
  const { events } = await log.read(userStream(id));
  const person = foldPerson(events);
  const refused = refuseHistory(reader, person);
  if (refused) return { ...refused, headers };
  const unrecorded = await recordHistoryRead(readings, reader, context, id);
  if (unrecorded) return unrecorded;
  const { rows, next } = await readPage(log, id, events, wanted);
  const shown = rows.map(({ event }) => event);
  const options = {
    own: isSelf(reader, id),
    erased: person.existence === 'erased',
    roleThen: await rolesThen(log, shown),
  };
  const pagination = {
    page_size: size,
    has_next: next !== null,
    next_cursor: next && cursors.seal(OPERATION, { id, ...next, size }),
  };
  return { status: 200, body: { data: rows.map((row) => toEntry(row, options)), pagination }, headers };
};

/** `GET /users/{id}/history`. */
export const getUserHistory = (parts: HistoryParts): Endpoint =>
  defineEndpoint({
    operation: OPERATION,
    tag: 'Users',
    summary: 'Show what happened to a person',
    description:
      'Every change of the person and every sign-in, the newest first: who, when, from where, by which request, and the ' +
      'values before and after. What was erased reads `[erased]`. In the own history others appear by their role only. ' +
      'That somebody reads the history of another is itself an event. It is answered from the log, and not while the log ' +
      'is away.',
    token: 'required',
    permission: { who: 'person', ...READ_HISTORY, scope: 'audit:read' },
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    query: Query,
    answers: { 200: { description: 'A page of the history', body: HistoryPage } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params, query }, context) =>
      askAlsoByKey(
        parts,
        context,
        async (reader) => {
          const wanted = wantedOf(params.id, query, parts.cursors);
          return isRejection(wanted) ? wanted : answerHistory(parts, { reader, context }, wanted);
        },
        { needs: 'log' },
      ),
  });
