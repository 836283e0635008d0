import { randomUUID } from 'node:crypto';
import type { AnyEvent, AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { endOf } from '@rollbook/shared/event-log/sealed-event-log';

type EventNamed<T extends AnyNewEvent['type']> = Extract<AnyNewEvent, { type: T }>;

/** Somebody's request. */
export const aContext = (): WriteContext => ({
  actor: { kind: 'anonymous', id: null },
  origin: { address: '192.0.2.7', userAgent: 'test' },
  requestId: 'req_test',
  correlationId: 'req_test',
  causationId: null,
  commandId: randomUUID(),
});

/** A registration of a person of this name; every value can be told apart. */
export const registration = (
  username: string,
  data: Partial<EventNamed<'UserRegistered'>['data']> = {},
  personal: Partial<NonNullable<EventNamed<'UserRegistered'>['personal']>> = {},
): EventNamed<'UserRegistered'> => ({
  type: 'UserRegistered',
  data: {
    via: 'self',
    role: 'user',
    emailClaimId: randomUUID(),
    usernameClaimId: randomUUID(),
    emailDigest: `digest of ${username}'s address`,
    usernameDigest: `digest of ${username}`,
    hasPassword: true,
    ...data,
  },
  personal: {
    email: `${username}@Example.com`,
    username,
    name: null,
    firstName: 'First',
    lastName: 'Last',
    phone: '+1-555-0123',
    preferences: { theme: 'dark' },
    passwordHash: 'pepper$hash',
    ...personal,
  },
});

/** A log, and the store beneath it. */
export interface Journal {
  readonly log: EventLog;
  readonly store: EventStore;
}

/** Appends to the stream's end and gives the position. */
export const happen = async (
  { log, store }: Journal,
  stream: string,
  ...events: readonly AnyNewEvent[]
): Promise<Position> => {
  // Not through the log, which would open what stands there: a test may have lost the key.
  const [last] = await store.read(stream, { direction: 'backwards', limit: 1 });
  const end = endOf(last);
  const result = await log.append(stream, end, events, aContext());
  if (result.outcome === 'conflict' || result.position === undefined) throw new Error(`${stream} was not written`);
  return result.position;
};

/** What people do, straight in the log. */
export const peopleIn = (journal: Journal) => ({
  async register(username: string, ...and: readonly AnyNewEvent[]): Promise<string> {
    const id = randomUUID();
    await happen(journal, userStream(id), registration(username), ...and);
    return id;
  },
  verify: (id: string) =>
    happen(journal, userStream(id), { type: 'EmailVerified', data: { requestId: randomUUID() }, personal: null }),
  signIn: (id: string) =>
    happen(journal, signinStream(id), { type: 'SignedIn', data: { sessionId: randomUUID() }, personal: null }),
  promote: (id: string) =>
    happen(journal, userStream(id), {
      type: 'RoleChanged',
      data: { from: 'user', to: 'moderator', grantId: null },
      personal: null,
    }),
  erase: (id: string) =>
    happen(journal, userStream(id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null }),
});

/** An event as a projection sees it, without a log. */
export const opened = (
  stream: string,
  revision: number,
  event: AnyNewEvent,
  at = '2026-01-02T03:04:05.678Z',
): AnyEvent =>
  ({
    ...event,
    id: randomUUID(),
    schemaVersion: 1,
    stream,
    revision,
    position: String(revision).padStart(20, '0'),
    recordedAt: at,
    origin: null,
    erased: false,
    originErased: false,
    metadata: { ...aContext(), previousHash: null, hash: '' },
  }) as unknown as AnyEvent;
