import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { endsSessions } from '@rollbook/shared/person/session-endings';
import type { Client } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { evolveSessions, NO_SESSIONS } from './user-sessions.projection.ts';
import { forgetOrigins, readSessions, writeSessions } from './session-rows.ts';

/** Whose sessions an event is about; null when it is about none. */
const personOf = ({ stream, type, data }: Pick<StoredEvent, 'stream' | 'type' | 'data'>): string | null => {
  if (stream.startsWith('session-')) return typeof data['userId'] === 'string' ? data['userId'] : null;
  return stream.startsWith('user-') && endsSessions(type) ? personOfStream(stream) : null;
};

/** Everybody's open sessions. What the log says of ended ones is not repeated here. */
export const userSessions: ReadModel = {
  name: 'user_sessions',
  security: true,
  version: 1,
  tables: ['user_sessions', 'user_session_endings'],
  filter: { streamPrefixes: ['user-', 'session-'] },
  personOf,

  async apply(client: Client, events: readonly AnyEvent[]) {
    const people = new Set(events.map((event) => personOf(event) ?? ''));
    const before = await readSessions(client, [...people]);
    const after = new Map(before);
    for (const event of events) {
      const person = personOf(event) ?? '';
      after.set(person, evolveSessions(after.get(person) ?? NO_SESSIONS, event));
    }
    await writeSessions(client, before, after);
  },

  forget: forgetOrigins,
};
