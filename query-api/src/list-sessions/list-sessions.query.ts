import { z } from 'zod';
import { refusePerson } from '@rollbook/shared/contracts/access';
import { Instant } from '@rollbook/shared/contracts/instant';
import type { Role } from '@rollbook/shared/contracts/roles';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import type { Caller } from '@rollbook/shared/person/authority';
import { ask, type QueryParts } from '../read-model/ask.ts';
import { instantOf } from '../read-model/json-instant.ts';
import { projectionHeaders } from '../read-model/read-model.ts';

const SessionResource = z.strictObject({
  id: z.uuid(),
  started_at: Instant,
  last_used_at: Instant,
  expires_at: Instant,
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  is_current: z.boolean(),
});
const EXAMPLE = {
  id: '9c1f0a6d-2e8b-4c11-8f3b-1c9e52a44d0b',
  started_at: '2026-01-02T03:04:05.678Z',
  last_used_at: '2026-01-02T03:34:05.678Z',
  expires_at: '2026-01-16T03:34:05.678Z',
  address: '203.0.113.7',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  is_current: true,
};
const SessionList = z
  .strictObject({ data: z.array(SessionResource) })
  .meta({ id: 'SessionList', example: { data: [EXAMPLE] } });

interface SessionRow {
  readonly id: string;
  readonly started_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly address: string | null;
  readonly user_agent: string | null;
}

interface Found {
  readonly role: Role | null;
  readonly sessions: readonly SessionRow[];
}

const SELECT = `select jsonb_build_object(
    'role', (select u.role from read_model.user_directory u where u.id = $1 and u.status <> 'erased'),
    'sessions', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', s.id, 'started_at', s.started_at, 'last_used_at', s.last_used_at, 'expires_at', s.expires_at,
        'address', s.address, 'user_agent', s.user_agent) order by s.started_at desc, s.id)
      from read_model.user_sessions s where s.user_id = $1 and s.expires_at > $2::timestamptz), '[]'::jsonb))`;

const LIST_SESSIONS = { who: 'person', may: 'manage_sessions', over: 'anybody', self: 'always' } as const;

const toSession = (row: SessionRow, caller: Caller): z.output<typeof SessionResource> => ({
  ...row,
  started_at: instantOf(row.started_at),
  last_used_at: instantOf(row.last_used_at),
  expires_at: instantOf(row.expires_at),
  is_current: row.id === caller.sessionId,
});

/** `GET /users/{id}/sessions`. `readModel` is the read model of sessions. */
export const listSessions = (parts: QueryParts & { readonly clock: Clock }): Endpoint =>
  defineEndpoint({
    operation: 'listSessions',
    tag: 'Sessions',
    summary: 'List the open sessions of a person',
    description: 'The newest sign-in first; with the address and browser that used it last.',
    token: 'required',
    permission: LIST_SESSIONS,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 200: { description: 'The sessions.', body: SessionList } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      ask(parts, context, async (caller) => {
        const values = [params.id, toInstant(parts.clock.now())];
        const snapshot = await parts.readModel.read<Found>({ text: SELECT, values });
        const headers = projectionHeaders(snapshot);
        // The caller is there, as the log says, whether or not the read model knows them yet.
        const role = caller.userId === params.id ? caller.role : snapshot.found.role;
        const refused = refusePerson(LIST_SESSIONS, caller, { id: params.id, role });
        if (refused) return { ...refused, headers };
        const data = snapshot.found.sessions.map((row) => toSession(row, caller));
        return { status: 200, body: { data }, headers };
      }),
  });
