import type { Json, JsonObject } from '../kernel/json.ts';

/** Who acts. The id is a person's UUID, a service's or API key's name, or null for a stranger. */
export interface Actor {
  readonly kind: 'person' | 'service' | 'system' | 'anonymous';
  readonly id: string | null;
}

/** What stands beside every event: who caused it, by which request and command, and its place in the hash chain. */
export interface EventMetadata {
  readonly actor: Actor;
  readonly requestId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** The command that made the event; a retry of a command finds its own events by it. */
  readonly commandId: string;
  /** `hash` of the stream's event before this one (hex), or null for a stream's first. */
  readonly previousHash: string | null;
  /** SHA-256 (hex) over the event as stored; see `event-hash.ts`. */
  readonly hash: string;
}

/** Personal values of one subject in one event: AES-256-GCM, all binary parts in base64. */
export interface SealedPart {
  /** Whose key: a person's UUID, or `day-YYYY-MM-DD` for what concerns no known person. */
  readonly subject: string;
  readonly keyId: string;
  readonly nonce: string;
  readonly ciphertext: string;
}

/** An event as it stands in the log, but for its position, which the store gives. Never changed once written. */
export interface UnplacedEvent {
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly stream: string;
  /** 0 for the first event of a stream, then one more each. */
  readonly revision: number;
  /** RFC 3339 UTC with milliseconds; never before that of the stream's event before it. */
  readonly recordedAt: string;
  readonly data: JsonObject;
  readonly personal: readonly SealedPart[];
  readonly metadata: EventMetadata;
}

/** An event as a store gives it back. */
export interface StoredEvent extends UnplacedEvent {
  readonly position: Position;
}

/**
 * A place in the log, in the store's own commit order: text of fixed width that compares (`<`, `===`) as the log's
 * order. Opaque: only the adapter that made it can read it.
 */
export type Position = string & { readonly __position: true };

/** Where a request came from. Sealed under the acting person's key, or under the key of the day. */
export interface Origin {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** An opened event: personal values readable, or null where there are none or their key was destroyed. */
export interface OpenedEvent<Type extends string = string, Data = JsonObject, Personal = JsonObject> {
  readonly id: string;
  readonly type: Type;
  readonly schemaVersion: number;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: string;
  readonly data: Data;
  /** null when the event has none, and when they were erased (then `erased` is true). */
  readonly personal: Personal | null;
  readonly origin: Origin | null;
  /** True when the key of the person part was destroyed. */
  readonly erased: boolean;
  /** True when the key was destroyed under which the origin, if there was one, was sealed. */
  readonly originErased: boolean;
  readonly metadata: EventMetadata;
}

/** What a decider gives: ids, time, hash and seal come later. */
export interface NewEvent<Type extends string = string, Data = JsonObject, Personal = JsonObject | null> {
  readonly type: Type;
  readonly data: Data;
  readonly personal: Personal;
}

export type { Json, JsonObject };
