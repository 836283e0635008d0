import { canonicalJson, type Json } from '../kernel/json.ts';
import { sha256 } from '../kernel/digest.ts';
import type { EventMetadata, UnplacedEvent } from './event.ts';

/** An event before its hash is known. */
export type Unhashed = Omit<UnplacedEvent, 'metadata'> & { readonly metadata: Omit<EventMetadata, 'hash'> };

/**
 * SHA-256(0x00 ‖ RFC 8785 canonical JSON of the event as stored, without `position` and `metadata.hash`), in hex.
 * Personal parts enter as ciphertext, so the hash still holds after an erasure. It is the event's leaf hash in the
 * sense of RFC 6962, 2.1.
 */
export const hashEvent = (event: Unhashed | UnplacedEvent): string => {
  const { id, type, schemaVersion, stream, revision, recordedAt, data, personal } = event;
  const { actor, requestId, correlationId, causationId, commandId, previousHash } = event.metadata;
  const metadata = { actor, requestId, correlationId, causationId, commandId, previousHash };
  const leaf = { id, type, schemaVersion, stream, revision, recordedAt, data, personal, metadata };
  return sha256(Buffer.of(0), canonicalJson(leaf as unknown as Json)).toString('hex');
};
