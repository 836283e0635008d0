import type { AnyEvent } from '../contracts/events/all-events.ts';
import { idInStream } from '../contracts/streams.ts';

/** One sign-in and its family of refresh tokens: the fold of a `session-` stream. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly ver: number;
  /** Seconds since 1970; no token of the session outlives it. */
  readonly expiresAt: number;
  /** 0 at the sign-in, one more for each refresh. */
  readonly generation: number;
  /** The id of the current refresh token: the id of the event that made it. */
  readonly tokenId: string;
  /** The refresh token used last, or null before the first refresh. */
  readonly previousTokenId: string | null;
  /** The command and time of the last event that made tokens. */
  readonly refreshedBy: string;
  readonly refreshedAt: string;
  readonly startedAt: string;
  readonly ended: boolean;
}

/** null: there is no such session. */
export const evolveSession = (session: Session | null, event: AnyEvent): Session | null => {
  if (event.type === 'SessionStarted')
    return {
      id: idInStream(event.stream),
      userId: event.data.userId,
      ver: event.data.ver,
      expiresAt: event.data.expiresAt,
      generation: 0,
      tokenId: event.id,
      previousTokenId: null,
      refreshedBy: event.metadata.commandId,
      refreshedAt: event.recordedAt,
      startedAt: event.recordedAt,
      ended: false,
    };
  if (session === null) return null;
  if (event.type === 'SessionRefreshed')
    return {
      ...session,
      generation: event.data.generation,
      tokenId: event.id,
      previousTokenId: session.tokenId,
      refreshedBy: event.metadata.commandId,
      refreshedAt: event.recordedAt,
    };
  if (event.type === 'SessionEnded') return { ...session, ended: true };
  return session;
};

export const foldSession = (events: readonly AnyEvent[]): Session | null =>
  events.reduce<Session | null>(evolveSession, null);
