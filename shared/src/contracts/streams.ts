/** Names of streams. A name never holds anything that tells who somebody is. */
export const userStream = (userId: string): string => `user-${userId}`;
export const sessionStream = (sessionId: string): string => `session-${sessionId}`;
/** What a person does or is told without being changed: sign-ins, failures, "address in use". */
export const signinStream = (userId: string): string => `signin-${userId}`;
export const apiKeyStream = (keyId: string): string => `apikey-${keyId}`;
export const emailClaimStream = (digest: string): string => `emailclaim-${digest}`;
export const usernameClaimStream = (digest: string): string => `usernameclaim-${digest}`;
export const ADMIN_ROSTER = 'adminroster';
export const SERVICE = 'service';
export const NOTARY = 'notary';
/** What administrators ask of the service itself. */
export const OPERATIONS_STREAM = 'operations';

/** The id that a stream of somebody's or something's own is named by: what stands behind its kind. */
export const idInStream = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

/** The person whose stream this is, or null when it belongs to nobody in particular. */
export const personOfStream = (stream: string): string | null => /^(?:user|signin)-(.+)$/.exec(stream)?.[1] ?? null;

/** The API key whose stream this is, or null. */
export const apiKeyOfStream = (stream: string): string | null => /^apikey-(.+)$/.exec(stream)?.[1] ?? null;

/**
 * Under whose key an event's personal values are sealed: the stream's person; in the stream of an API key the person
 * who acts, since the words are theirs and the key is nobody's. null: the stream takes no personal value.
 */
export const subjectOf = (
  stream: string,
  actor: { readonly kind: string; readonly id: string | null },
): string | null =>
  apiKeyOfStream(stream) === null ? personOfStream(stream) : actor.kind === 'person' ? actor.id : null;
