import { foldApiKey } from '@rollbook/shared/api-key/api-key.state';
import { readApiKey } from '@rollbook/shared/api-key/read-api-key';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { evolveUser, type UserView } from '@rollbook/shared/person/user-resource';
import { ERASED } from '../user-history/history.schema.ts';

/** What somebody is called now. */
export interface Known {
  readonly name: string | null;
  readonly erased: boolean;
}

const NOBODY: Known = { name: null, erased: false };

/** The display name of a person as it is now, by their own stream. */
export const nameOf = (own: readonly AnyEvent[]): Known => {
  if (own.some(({ type }) => type === 'PersonErased')) return { name: ERASED, erased: true };
  const user = own.reduce<UserView | null>(evolveUser, null)?.user;
  return { name: user?.name ?? user?.username ?? null, erased: false };
};

/** What an API key was called by whoever made it. */
const nameOfKey = async (log: Pick<EventLog, 'read'>, id: string): Promise<Known> => {
  const { events } = await readApiKey(log, id);
  const key = foldApiKey(events);
  if (key === null) return NOBODY;
  return key.name === null && events[0]?.erased === true
    ? { name: ERASED, erased: false }
    : { ...NOBODY, name: key.name };
};

/** Whom an id means. Throws StoreUnavailable. */
export const lookUp = async (
  log: Pick<EventLog, 'read'>,
  kind: 'person' | 'service' | 'system' | 'anonymous',
  id: string | null,
): Promise<Known> => {
  if (id === null) return NOBODY;
  if (kind === 'service') return nameOfKey(log, id);
  return kind === 'person' ? nameOf((await log.read(userStream(id))).events) : NOBODY;
};
