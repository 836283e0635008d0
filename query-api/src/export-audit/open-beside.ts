import { subjectOf } from '@rollbook/shared/contracts/streams';
import { UnreadableEvent } from '@rollbook/shared/event-log/errors';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { openPart, originSubject, type SealedContent } from '@rollbook/shared/event-log/open-event';
import type { JsonObject } from '@rollbook/shared/kernel/json';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { ERASED } from '../user-history/history.schema.ts';

/** In the place of a value whose seal is broken or whose key is missing: its ciphertext stands in the event all the same. */
const UNREADABLE = '[unreadable]';

/** Of what is sealed, never in an export: nobody who reads it has a use for it but an attacker. */
const withoutSecrets = ({ passwordHash: _never, ...data }: JsonObject): JsonObject => data;

/** What stands sealed in events, in the clear: personal values as they were sealed, and where the request came from. */
export type Opened = (event: StoredEvent) => JsonObject | undefined;

/** Looks all keys of these events up at once. */
export const openBeside = async (events: readonly StoredEvent[], keys: KeyRing): Promise<Opened> => {
  const subjects = [...new Set(events.flatMap(({ personal }) => personal.map(({ subject }) => subject)))];
  const found = subjects.length === 0 ? new Map<string, never>() : await keys.findMany(subjects);
  const open = (event: StoredEvent, part: StoredEvent['personal'][number]): SealedContent | string => {
    try {
      const content = openPart(event, part, found.get(part.subject));
      return content === 'erased' ? ERASED : content;
    } catch (fault) {
      if (fault instanceof UnreadableEvent) return UNREADABLE;
      throw fault;
    }
  };
  return (event) => {
    const person = subjectOf(event.stream, event.metadata.actor);
    const opened: Record<string, JsonObject | string> = {};
    for (const part of event.personal) {
      const content = open(event, part);
      if (typeof content === 'string') {
        if (part.subject === person) opened['personal'] = content;
        if (part.subject === originSubject(event)) opened['origin'] = content;
      } else {
        if (content.data) opened['personal'] = withoutSecrets(content.data);
        if (content.origin) opened['origin'] = { ...content.origin };
      }
    }
    return Object.keys(opened).length === 0 ? undefined : opened;
  };
};
