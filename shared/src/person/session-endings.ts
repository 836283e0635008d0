import type { AnyEvent } from '../contracts/events/all-events.ts';

/** An event of a person's stream that ends every session started at a lower revision, unless it is the one kept. */
export interface SessionEnding {
  readonly revision: number;
  readonly keptSessionId: string | null;
}

/** Events of a person's stream that end every session started at a lower revision. */
const ENDING_TYPES: ReadonlySet<string> = new Set([
  'PasswordChanged',
  'PasswordReset',
  'InvitationAccepted',
  'EmailChanged',
  'RoleChanged',
  'UserDeactivated',
  'PersonErased',
  'SignedOutEverywhere',
]);

/** Which sessions this event of a person's stream ends: all of a lower revision but the one kept. null: none. */
export const endingOf = (event: AnyEvent): SessionEnding | null =>
  ENDING_TYPES.has(event.type) ? { revision: event.revision, keptSessionId: keptSession(event) } : null;

/** Whether events of this type end sessions. */
export const endsSessions = (type: string): boolean => ENDING_TYPES.has(type);

const keptSession = ({ data }: AnyEvent): string | null => ('keptSessionId' in data ? data.keptSessionId : null);

/** Whether a session that was started at revision `ver` of this stream was ended by a later event of it. */
export const endsSession = (
  { endings }: { readonly endings: readonly SessionEnding[] },
  sessionId: string,
  ver: number,
): boolean => endings.some((ending) => ver < ending.revision && ending.keptSessionId !== sessionId);
