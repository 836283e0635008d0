import { definitionOf, type AnyEvent } from '../contracts/events/all-events.ts';
import { subjectOf } from '../contracts/streams.ts';
import type { JsonObject } from '../kernel/json.ts';
import { open } from '../personal-data/aes-gcm.ts';
import { daySubject, type KeyRing, type SubjectKey } from '../personal-data/key-ring.ts';
import { UnreadableEvent } from './errors.ts';
import type { Actor, Origin, SealedPart, StoredEvent, UnplacedEvent } from './event.ts';
import { upcast } from './upcast.ts';

/** What one subject's part holds: personal values of the event, the actor's origin, or both. */
export interface SealedContent {
  readonly data?: JsonObject;
  readonly origin?: { readonly address: string | null; readonly userAgent: string | null };
}

type FoundKey = SubjectKey | 'destroyed' | 'missing';

/** Under whose key the origin is sealed: the acting person's, else that of the day. */
export const originSubject = (event: Pick<UnplacedEvent, 'recordedAt'> & { metadata: { actor: Actor } }): string => {
  const { kind, id } = event.metadata.actor;
  return kind === 'person' && id !== null ? id : daySubject(event.recordedAt);
};

/** Binds a part to its event: moved to another event, it does not open. */
export const sealedPartAad = (event: { readonly stream: string; readonly id: string }): string =>
  `${event.stream}\n${event.id}`;

/**
 * Opens one part. 'erased' where the key was destroyed; throws UnreadableEvent where it is missing, is another key, or
 * where the seal is broken.
 */
export const openPart = (
  event: { readonly stream: string; readonly id: string },
  part: SealedPart,
  key: FoundKey | undefined,
): SealedContent | 'erased' => {
  if (key === 'destroyed') return 'erased';
  if (key === undefined || key === 'missing')
    throw new UnreadableEvent(`The key of ${part.subject} is missing for event ${event.id} of ${event.stream}`);
  if (key.keyId !== part.keyId)
    throw new UnreadableEvent(`Event ${event.id} was sealed under key ${part.keyId}, which is not the subject's key`);
  try {
    const sealed = { nonce: Buffer.from(part.nonce, 'base64'), ciphertext: Buffer.from(part.ciphertext, 'base64') };
    return JSON.parse(open(key.key, sealed, sealedPartAad(event)).toString('utf8')) as SealedContent;
  } catch (cause) {
    throw new UnreadableEvent(`The seal of event ${event.id} of ${event.stream} is broken`, { cause });
  }
};

/** Opens stored events and gives each in the current version of its type. Keys are looked up once for all. */
export const openEvents = async (
  events: readonly (StoredEvent | (UnplacedEvent & { position?: undefined }))[],
  keys: KeyRing,
): Promise<readonly AnyEvent[]> => {
  const subjects = new Set(events.flatMap((event) => event.personal.map((part) => part.subject)));
  const found = subjects.size === 0 ? new Map<string, FoundKey>() : await keys.findMany([...subjects]);
  return events.map((event) => openOne(event as StoredEvent, found));
};

const openOne = (event: StoredEvent, keys: ReadonlyMap<string, FoundKey>): AnyEvent => {
  const definition = definitionOf(event.type);
  if (!definition || event.schemaVersion > definition.schemaVersion)
    throw new UnreadableEvent(`This program does not know ${event.type} in version ${String(event.schemaVersion)}`);
  const person = subjectOf(event.stream, event.metadata.actor);
  let personal: JsonObject | null = null;
  let origin: Origin | null = null;
  let erased = false;
  let originErased = false;
  for (const part of event.personal) {
    const content = openPart(event, part, keys.get(part.subject));
    if (content === 'erased') {
      erased ||= part.subject === person;
      originErased ||= part.subject === originSubject(event);
    } else {
      personal = content.data ?? personal;
      origin = content.origin ?? origin;
    }
  }
  const shape = upcast(event.type, event.schemaVersion, definition.schemaVersion, { data: event.data, personal });
  return {
    ...event,
    schemaVersion: definition.schemaVersion,
    data: shape.data,
    personal: shape.personal,
    origin,
    erased,
    originErased,
  } as unknown as AnyEvent;
};
