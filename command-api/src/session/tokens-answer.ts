import type { UserResource } from '@rollbook/shared/contracts/user';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { lastSignIn } from '@rollbook/shared/person/last-sign-in';
import type { Person } from '@rollbook/shared/person/person.state';
import type { Session } from '@rollbook/shared/person/session.state';
import type { TokenSigner } from '@rollbook/shared/tokens/access-tokens';

/** Lives in seconds. */
export interface TokenLives {
  readonly access: number;
  /** After the sign-in. */
  readonly refresh: number;
  /** Without use. */
  readonly refreshIdle: number;
}

/**
 * What a sign-in or a refresh answers. Everything comes from the event that made the tokens, so the same event gives
 * the same answer again, to the byte.
 */
export const tokensAnswer = (
  signer: TokenSigner,
  lives: TokenLives,
  session: Session,
  person: Person,
  user: UserResource,
): Record<string, string | number | UserResource> => {
  const issuedAt = Math.floor(fromInstant(session.refreshedAt) / 1_000);
  const accessUntil = Math.min(issuedAt + lives.access, session.expiresAt);
  const refreshUntil = Math.min(issuedAt + lives.refreshIdle, session.expiresAt);
  const subject = { userId: session.userId, sessionId: session.id, issuedAt };
  return {
    access_token: signer.access(
      { ...subject, tokenId: derivedUuid('access', session.tokenId), expiresAt: accessUntil },
      { role: person.role, ver: session.ver },
    ),
    token_type: 'Bearer',
    expires_in: accessUntil - issuedAt,
    refresh_token: signer.refresh(
      { ...subject, tokenId: session.tokenId, expiresAt: refreshUntil },
      { gen: session.generation },
    ),
    refresh_expires_in: refreshUntil - issuedAt,
    user,
  };
};

/** RFC 3339 time of the person's last sign-in that was not after `until` (RFC 3339), or null. */
export const lastLogin = async (log: EventLog, userId: string, until: string): Promise<string | null> =>
  (await lastSignIn(log, userId, ({ recordedAt }) => recordedAt <= until))?.recordedAt ?? null;
