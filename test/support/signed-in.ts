import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Role } from '@rollbook/shared/contracts/roles';
import { sessionStream, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { TokenSigner } from '@rollbook/shared/tokens/access-tokens';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const tokenRules = { issuer: 'http://rollbook.test', audience: 'rollbook' };
export const notaryKeys = [{ id: 'n1', key: generateKeyPairSync('ed25519').publicKey }];
export const receiptKeys = [{ id: 'r1', key: generateKeyPairSync('ed25519').publicKey }];
export const tokenKeys = [{ id: 'k1', key: publicKey }];
const signer = new TokenSigner([{ id: 'k1', key: privateKey }], tokenRules);

const contextOf = (userId: string): WriteContext => ({
  actor: { kind: 'person', id: userId },
  origin: null,
  requestId: 'test',
  correlationId: 'test',
  causationId: null,
  commandId: randomUUID(),
});

export interface SignedIn {
  readonly id: string;
  readonly sessionId: string;
  readonly headers: { readonly Authorization: string };
}

/** Writes an active person with a session into the log and signs their access token, as a sign-in would. */
export const signIn = async (
  log: EventLog,
  role: Role,
  { id = randomUUID(), now = Date.now() }: { id?: string; now?: number } = {},
): Promise<SignedIn> => {
  const sessionId = randomUUID();
  const data = {
    via: 'staff',
    role,
    emailClaimId: randomUUID(),
    usernameClaimId: randomUUID(),
    emailDigest: 'e',
    usernameDigest: 'u',
    hasPassword: true,
  } as const;
  const personal = {
    email: `${id}@example.com`,
    username: 'somebody',
    name: null,
    firstName: null,
    lastName: null,
    phone: null,
    preferences: {},
    passwordHash: 'x',
  };
  const seconds = Math.floor(now / 1_000);
  await log.append(userStream(id), EMPTY_STREAM, [{ type: 'UserRegistered', data, personal }], contextOf(id));
  const session = { userId: id, ver: 0, expiresAt: seconds + 86_400 };
  const started = { type: 'SessionStarted', data: session, personal: null } as const;
  await log.append(sessionStream(sessionId), EMPTY_STREAM, [started], contextOf(id));
  const subject = { userId: id, sessionId, tokenId: randomUUID(), issuedAt: seconds, expiresAt: seconds + 900 };
  return { id, sessionId, headers: { Authorization: `Bearer ${signer.access(subject, { role, ver: 0 })}` } };
};

/** Ends the session, as a sign-out would. */
export const endSession = async (log: EventLog, { id, sessionId }: SignedIn): Promise<void> => {
  const stream = sessionStream(sessionId);
  const { end } = await log.read(stream);
  const ended = { type: 'SessionEnded', data: { userId: id, reason: 'logout' }, personal: null } as const;
  await log.append(stream, end, [ended], contextOf(id));
};
