import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { idInStream } from '@rollbook/shared/contracts/streams';
import { toInstant } from '@rollbook/shared/kernel/clock';
import { endingOf } from '@rollbook/shared/person/session-endings';

/** A row of `read_model.user_sessions`: a session that nothing has ended yet. Times as RFC 3339 text. */
export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly ver: number;
  readonly started_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly address: string | null;
  readonly user_agent: string | null;
}

/** A person's open sessions, and the last event that ended those before it. */
export interface SessionsOf {
  readonly ending: { readonly revision: number; readonly keptSessionId: string | null } | null;
  readonly sessions: readonly SessionRow[];
}

export const NO_SESSIONS: SessionsOf = { ending: null, sessions: [] };

const survives = (ending: SessionsOf['ending'], { id, ver }: Pick<SessionRow, 'id' | 'ver'>): boolean =>
  ending === null || ver >= ending.revision || ending.keptSessionId === id;

/** What an event makes of a person's sessions. The same state again: nothing changed. */
export const evolveSessions = (state: SessionsOf, event: AnyEvent): SessionsOf => {
  const { ending, sessions } = state;
  const id = idInStream(event.stream);
  if (event.type === 'SessionStarted') {
    const started = startedSession(id, event);
    // A sign-in that was under way while its person's sessions were ended began before that, and so is ended too.
    if (!survives(ending, started)) return state;
    return { ending, sessions: [...sessions.filter((row) => row.expires_at > event.recordedAt), started] };
  }
  if (event.type === 'SessionRefreshed') return { ending, sessions: sessions.map((row) => refreshed(row, id, event)) };
  if (event.type === 'SessionEnded') return { ending, sessions: sessions.filter((row) => row.id !== id) };
  const newer = endingOf(event);
  return newer === null ? state : { ending: newer, sessions: sessions.filter((row) => survives(newer, row)) };
};

const startedSession = (id: string, event: Extract<AnyEvent, { type: 'SessionStarted' }>): SessionRow => ({
  id,
  user_id: event.data.userId,
  ver: event.data.ver,
  started_at: event.recordedAt,
  last_used_at: event.recordedAt,
  expires_at: toInstant(event.data.expiresAt * 1_000),
  address: event.origin?.address ?? null,
  user_agent: event.origin?.userAgent ?? null,
});

const refreshed = (row: SessionRow, id: string, event: AnyEvent): SessionRow => {
  if (row.id !== id) return row;
  const { address, userAgent } = event.origin ?? { address: row.address, userAgent: row.user_agent };
  return { ...row, last_used_at: event.recordedAt, address, user_agent: userAgent };
};
