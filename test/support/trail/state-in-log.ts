import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import { endsSession } from '@rollbook/shared/person/session-endings';
import { evolveUser, type UserView } from '@rollbook/shared/person/user-resource';
import type { AnsweredCommand } from './record-commands.ts';

const ownOf = (events: readonly AnyEvent[], id: string | undefined): readonly AnyEvent[] =>
  events.filter(({ stream }) => stream === `user-${String(id).toLowerCase()}`);

/** What the person whom a command's path names was, at any moment while it was worked on, as the log has it. */
export const personsDuring = (
  events: readonly AnyEvent[],
  { params, from, until }: Pick<AnsweredCommand, 'params' | 'from' | 'until'>,
): readonly UserView[] => {
  const own = ownOf(events, params['id']);
  let view: UserView | null = null;
  return own.flatMap((event, index) => {
    view = evolveUser(view, event);
    const next = own[index + 1];
    const isDuring = fromInstant(event.recordedAt) <= until && (!next || fromInstant(next.recordedAt) >= from);
    return view && isDuring ? [view] : [];
  });
};

/** Fields that are not of the person. */
const BESIDE: ReadonlySet<string> = new Set(['current_password', 'portal', 'preferences']);

const spelled = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (field === 'email' || field === 'pending_email') return canonicalEmail(value);
  return field === 'role' ? value.toLowerCase().replace('member', 'user') : value;
};

const isPart = (part: unknown, whole: unknown): boolean => {
  if (part === null || typeof part !== 'object' || Array.isArray(part))
    return JSON.stringify(part) === JSON.stringify(whole ?? null);
  return Object.entries(part).every(([name, value]) =>
    isPart(value, (whole as Record<string, unknown> | null)?.[name]),
  );
};

/** Whether the person has every value of the body: a command that forgot its event leaves them as they were. */
export const isKept = (person: UserView, body: unknown): boolean => {
  if (body === null || typeof body !== 'object') return false;
  const user: Readonly<Record<string, unknown>> = { ...person.user };
  const entries = Object.entries(body as Record<string, unknown>);
  const ofPerson = entries.filter(([field]) => !BESIDE.has(field));
  const same = ofPerson.every(([field, value]) => {
    const held = field === 'email' ? [user['email'], user['pending_email']] : [user[field]];
    return held.some((one) => spelled(field, one) === spelled(field, value));
  });
  const preferences = entries.find(([field]) => field === 'preferences');
  return same && (preferences === undefined || isPart(preferences[1], user['preferences']));
};

interface Claims {
  readonly sid: string;
}

/** What a token says of itself; null for what is none. */
export const claimsIn = (token: string | null): Claims | null => {
  try {
    return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as Claims;
  } catch {
    return null;
  }
};

/** Whether a session has ended, by an event of its own or by one of its person. */
export const sessionIsOver = (events: readonly AnyEvent[], sid: string): boolean => {
  const own = events.filter(({ stream }) => stream === `session-${sid}`);
  if (own.some(({ type }) => type === 'SessionEnded')) return true;
  const started = own.find((event) => event.type === 'SessionStarted');
  if (started?.type !== 'SessionStarted') return true;
  const person = foldPerson(events.filter(({ stream }) => stream === `user-${started.data.userId}`));
  return person.existence !== 'registered' || endsSession(person, sid, started.data.ver);
};

/** Whether somebody had the address all the time, in a state in which they are sent the mail that is asked for. */
export const somebodyIsAt = (events: readonly AnyEvent[], email: string | null, command: AnsweredCommand): boolean => {
  const wanted = email === null ? null : canonicalEmail(email);
  if (wanted === null) return false;
  const ids = new Set(events.flatMap(({ type, stream }) => (type === 'UserRegistered' ? [stream.slice(5)] : [])));
  return [...ids].some((id) => {
    const during = personsDuring(events, { ...command, params: { id } });
    return (
      during.length > 0 &&
      during.every(({ user }) => canonicalEmail(user.email ?? '') === wanted && isMailed(user, command))
    );
  });
};

const isMailed = ({ status, email_verified: verified }: UserView['user'], { operation }: AnsweredCommand): boolean =>
  status !== 'erased' && (operation === 'requestPasswordReset' || (status !== 'deactivated' && !verified));
