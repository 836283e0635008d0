import { generateKeyPairSync } from 'node:crypto';
import type { RejectionCode } from '@rollbook/shared/contracts/rejections';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { DAY, HOUR, SECOND } from '@rollbook/shared/kernel/clock';
import type { Role } from '@rollbook/shared/contracts/roles';
import { Authority } from '@rollbook/shared/person/authority';
import { NameDigests } from '@rollbook/shared/person/name-digests';
import { TokenSigner, TokenVerifier, type TokenSubject } from '@rollbook/shared/tokens/access-tokens';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import type { Command } from '../../command-api/src/command/command.ts';
import { noLimits } from '../../command-api/src/credential-limits/credential-limits.ts';
import { memorySignInRefusals } from '../../command-api/src/credential-limits/memory-sign-in-refusals.ts';
import { Turns } from '@rollbook/shared/kernel/turns';
import { UnknownNames } from '../../command-api/src/session/failed-sign-in/unknown-names.ts';
import { HashingQueue } from '../../command-api/src/password/hashing-queue.ts';
import { PasswordHashes, type SlowHash } from '../../command-api/src/password/password-hashes.ts';
import type { Registration } from '../../command-api/src/user/register-user/registration.ts';
import type { Workplace } from './world.ts';

/** As cheap as can be: thousands of schedules hash thousands of passwords, and none is kept. */
const cheapHash: SlowHash = {
  hash: (input) => Promise.resolve(`cheap:${input}`),
  compare: (input, hash) => Promise.resolve(hash === `cheap:${input}`),
};

const secret = Buffer.alloc(32, 7);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rules = { issuer: 'http://rollbook.test', audience: 'rollbook' };

/** Shorter than the life of a link, so that a link may be opened when the registration's time is over. */
export const PENDING_TTL = 12 * HOUR;
export const GRACE = 10 * SECOND;
export const digests = new NameDigests(secret);
export const links = new LinkTokens([{ id: 'l1', secret }], PENDING_TTL);
const signer = new TokenSigner([{ id: 't1', key: rsa.privateKey }], rules);
const receiptKey = { id: 'r1', key: generateKeyPairSync('ed25519').privateKey };
const verifier = new TokenVerifier([{ id: 't1', key: rsa.publicKey }], rules);
const hashes = new PasswordHashes(cheapHash, [{ id: 'p1', secret }], 4);

interface Signed {
  readonly access: { readonly role: Role; readonly ver: number };
  readonly refresh: { readonly gen: number };
}

const made = new Map<string, string>();

/** A token. The same one is signed once: thousands of schedules use it. */
export const signed = <Kind extends keyof Signed>(kind: Kind, subject: TokenSubject, more: Signed[Kind]): string => {
  const key = JSON.stringify([kind, subject, more]);
  const token =
    made.get(key) ??
    (kind === 'access'
      ? signer.access(subject, more as Signed['access'])
      : signer.refresh(subject, more as Signed['refresh']));
  made.set(key, token);
  return token;
};

/** Everything a real handler asks for, over the log of one execution. */
export const portsAt = (workplace: Workplace) => ({
  ...workplace,
  digests,
  hashes,
  links,
  verifier,
  authority: new Authority(workplace.log, verifier, workplace.clock),
  limits: noLimits,
  refusals: memorySignInRefusals(workplace.clock),
  turns: new Turns(),
  unknownNames: new UnknownNames(workplace.clock, () => undefined),
  queue: new HashingQueue({ lanes: 2, places: 256 }),
  pendingTtl: PENDING_TTL,
  keyIds: workplace.keys,
  receiptKey,
  sessionLife: 30 * (DAY / SECOND),
  grace: GRACE,
});

/** A keyed command: every execution of it, now or later, has the same ids. */
export const keyed = (name: string): Command => ({
  idOf: (attempt) => derivedUuid('command', name, String(attempt)),
  keyed: true,
  lifetime: DAY,
  ifMatch: null,
  bearer: null,
  requestId: `req_${name}`,
  correlationId: `req_${name}`,
  origin: null,
});

export const registration = (
  email: string,
  username: string | null,
  more: Partial<Registration> = {},
): Registration => ({
  email,
  canonicalEmail: email,
  username,
  usernameMayDiffer: false,
  secret: { password: 'Correct-Horse-7' },
  name: null,
  firstName: null,
  lastName: null,
  phone: null,
  preferences: {},
  role: 'user',
  portal: null,
  ...more,
});

/** What a result amounts to: `done` or the reason for a refusal. */
export const outcome = (answer: unknown): 'done' | RejectionCode =>
  typeof answer === 'object' && answer !== null && isRejection(answer) ? answer.rejection : 'done';
