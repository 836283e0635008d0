import type { EventDefinition, EventOf, NewEventOf } from '../define-event.ts';
import { API_KEY_EVENTS } from './api-key-events.ts';
import { ADMINISTRATION_EVENTS } from './administration-events.ts';
import { LEDGER_EVENTS } from './ledger-events.ts';
import { NOTARY_EVENTS } from './notary-events.ts';
import { OPERATIONS_EVENTS } from './operations-events.ts';
import { PERSON_EVENTS } from './person-events.ts';
import { READING_EVENTS } from './reading-events.ts';
import { SESSION_EVENTS } from './session-events.ts';

/** The current version of every event type there is. */
export const EVENTS = [
  ...PERSON_EVENTS,
  ...SESSION_EVENTS,
  ...ADMINISTRATION_EVENTS,
  ...API_KEY_EVENTS,
  ...READING_EVENTS,
  ...OPERATIONS_EVENTS,
  ...NOTARY_EVENTS,
  ...LEDGER_EVENTS,
] as const;

export type AnyEvent = EventOf<(typeof EVENTS)[number]>;
export type AnyNewEvent = NewEventOf<(typeof EVENTS)[number]>;
export type EventType = AnyEvent['type'];

const byType: ReadonlyMap<string, EventDefinition> = new Map(EVENTS.map((definition) => [definition.type, definition]));

/** The current definition of a type, or undefined for a type this program does not know. */
export const definitionOf = (type: string): EventDefinition | undefined => byType.get(type);
