import { definitionOf, type AnyNewEvent } from '../contracts/events/all-events.ts';
import { subjectOf } from '../contracts/streams.ts';
import { fromInstant, toInstant } from '../kernel/clock.ts';
import { derivedUuid } from '../kernel/digest.ts';
import { canonicalJson, findUnstorable, type Json, type JsonObject } from '../kernel/json.ts';
import type { Random } from '../kernel/random.ts';
import { nonceBytes, seal } from '../personal-data/aes-gcm.ts';
import type { KeyRing } from '../personal-data/key-ring.ts';
import { AppendRefused } from './errors.ts';
import type { SealedPart, UnplacedEvent } from './event.ts';
import { hashEvent } from './event-hash.ts';
import type { StreamEnd, WriteContext } from './event-log.ts';
import { originSubject, sealedPartAad, type SealedContent } from './open-event.ts';

/** The id of the n-th event that a command appends to a stream: the same for every execution of the command. */
export const eventIdOf = (commandId: string, stream: string, index: number): string =>
  derivedUuid('event', commandId, stream, String(index));

export interface SealTools {
  readonly keys: Pick<KeyRing, 'ensure'>;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Stamps, seals and hashes events for an append at exactly `end`. Done once; every retry sends the same bytes. */
export const sealEvents = async (
  stream: string,
  end: StreamEnd,
  events: readonly AnyNewEvent[],
  context: WriteContext,
  ids: readonly string[] | undefined,
  tools: SealTools,
): Promise<readonly UnplacedEvent[]> => {
  const previousTime = end.recordedAt === null ? tools.now : fromInstant(end.recordedAt);
  const recordedAt = toInstant(Math.max(tools.now, previousTime));
  const sealed: UnplacedEvent[] = [];
  let previousHash = end.hash;
  for (const [index, event] of events.entries()) {
    const id = ids?.[index] ?? eventIdOf(context.commandId, stream, index);
    const parts = await sealParts({ stream, id }, checked(event), context, recordedAt, tools);
    const { actor, requestId, correlationId, causationId, commandId } = context;
    const metadata = { actor, requestId, correlationId, causationId, commandId, previousHash };
    const unhashed = {
      id,
      type: event.type,
      schemaVersion: definitionOf(event.type)?.schemaVersion ?? 1,
      stream,
      revision: end.revision + 1 + index,
      recordedAt,
      data: event.data as JsonObject,
      personal: parts,
      metadata,
    };
    const hash = hashEvent(unhashed);
    sealed.push({ ...unhashed, metadata: { ...metadata, hash } });
    previousHash = hash;
  }
  return sealed;
};

/** Refuses what does not fit its own declaration: an event is for ever, so a slip must not get in. */
const checked = (event: AnyNewEvent): AnyNewEvent => {
  const definition = definitionOf(event.type);
  if (!definition) throw new AppendRefused(`There is no event type ${event.type as string}`);
  const data = definition.data.safeParse(event.data);
  const personal = definition.personal?.safeParse(event.personal);
  if (!data.success) throw new AppendRefused(`The data of ${event.type} is not as declared`, { cause: data.error });
  if (personal ? !personal.success : event.personal !== null)
    throw new AppendRefused(`The personal values of ${event.type} are not as declared`, { cause: personal?.error });
  const unstorable = findUnstorable([event.data, event.personal] as readonly Json[]);
  if (unstorable) throw new AppendRefused(`${event.type}: ${unstorable.path.join('.')} ${unstorable.reason}`);
  return event;
};

const sealParts = async (
  event: { stream: string; id: string },
  { personal }: AnyNewEvent,
  { actor, origin }: WriteContext,
  recordedAt: string,
  { keys, random }: SealTools,
): Promise<readonly SealedPart[]> => {
  const contents = new Map<string, SealedContent>();
  if (personal !== null) {
    const subject = subjectOf(event.stream, actor);
    if (subject === null)
      throw new AppendRefused(`${event.stream} belongs to no person, so it takes no personal value`);
    contents.set(subject, { data: personal as JsonObject });
  }
  if (origin !== null && (origin.address !== null || origin.userAgent !== null)) {
    const wanted = originSubject({ recordedAt, metadata: { actor } });
    const { address, userAgent } = origin;
    contents.set(wanted, { ...contents.get(wanted), origin: { address, userAgent } });
  }
  const parts: SealedPart[] = [];
  for (const [subject, content] of contents) {
    const key = await keys.ensure(subject);
    // The person was erased meanwhile: their values may not be written any more, and the actor's origin is not kept.
    if (key === 'destroyed') {
      if (content.data) throw new AppendRefused(`The key of ${subject} was destroyed`);
      continue;
    }
    const plaintext = Buffer.from(canonicalJson(content as Json), 'utf8');
    const { nonce, ciphertext } = seal(key.key, random.bytes(nonceBytes), plaintext, sealedPartAad(event));
    parts.push({
      subject,
      keyId: key.keyId,
      nonce: nonce.toString('base64'),
      ciphertext: ciphertext.toString('base64'),
    });
  }
  return parts;
};
