import { z } from 'zod';
import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { askAlsoByKey } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/read-model.ts';
import { AuditEventAnswer } from './entry.schema.ts';
import { READ_AUDIT, readIndex, type AuditParts } from './read-audit.ts';
import { readEntries, toRelated } from './read-entry.ts';
import { peopleIn, recordPeople } from './record-people.ts';
import { MOST_RELATED, selectEntry, type FoundEntry } from './select-entries.ts';

/** `GET /audit/events/{id}`. */
export const getAuditEvent = (parts: AuditParts): Endpoint =>
  defineEndpoint({
    operation: 'getAuditEvent',
    tag: 'Audit',
    summary: 'Show an event of the audit trail',
    description:
      'One event as in `GET /audit/events`, with the event that caused it, those that it led to, and what else its ' +
      `request did: at most ${String(MOST_RELATED)} of each. Where it is about another person, or was caused by one, reading it is an event.`,
    token: 'required',
    permission: READ_AUDIT,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 200: { description: 'The event', body: AuditEventAnswer } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      askAlsoByKey(
        parts,
        context,
        async (reader) => {
          const snapshot = await readIndex<FoundEntry>(parts.readModel, selectEntry(params.id), []);
          if (isRejection(snapshot)) return snapshot;
          const headers = projectionHeaders(snapshot);
          const { row, cause, effects, sameRequest } = snapshot.found;
          if (row === null) return { ...reject('not_found'), headers };
          const unrecorded = await recordPeople(parts, { reader, context }, peopleIn(reader, [row]));
          if (unrecorded) return unrecorded;
          const [entry] = await readEntries(parts, [row]);
          if (!entry) return { ...reject('not_found'), headers };
          const causation = {
            caused_by: cause && toRelated(cause),
            led_to: effects.map(toRelated),
            same_request: sameRequest.map(toRelated),
          };
          return { status: 200, body: { ...entry, causation }, headers };
        },
        { needs: 'log' },
      ),
  });
