/** Names of streams. A name never holds anything that tells who somebody is. */
export const userStream = (userId: string): string => `user-${userId}`;
export const sessionStream = (sessionId: string): string => `session-${sessionId}`;
/** What a person does or is told without being changed: sign-ins, failures, "address in use". */
export const signinStream = (userId: string): string => `signin-${userId}`;
export const emailClaimStream = (digest: string): string => `emailclaim-${digest}`;
export const usernameClaimStream = (digest: string): string => `usernameclaim-${digest}`;
export const ADMIN_ROSTER = 'adminroster';
export const SERVICE = 'service';

/** The person whose stream this is, or null when it belongs to nobody in particular. */
export const personOfStream = (stream: string): string | null => /^(?:user|signin)-(.+)$/.exec(stream)?.[1] ?? null;
