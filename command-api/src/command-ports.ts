import { createPublicKey } from 'node:crypto';
import type { Logger } from 'pino';
import type { ApiKeyMemory } from '@rollbook/shared/api-key/api-key-memory';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { Admission } from '@rollbook/shared/http/admission';
import type { HealthChecks } from '@rollbook/shared/http/health';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { Authority, type RecentEndings } from '@rollbook/shared/person/authority';
import { NameDigests } from '@rollbook/shared/person/name-digests';
import type { KeyIds, KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { PictureStore } from '@rollbook/shared/pictures/picture-store';
import type { RequestCounter } from '@rollbook/shared/request-limits/request-counter';
import { TokenSigner, TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import type { CommandApiConfig } from './config.ts';
import { noLimits, type CredentialLimits } from './credential-limits/credential-limits.ts';
import type { SignInRefusals } from './credential-limits/sign-in-refusals.ts';
import { HashingQueue } from './password/hashing-queue.ts';
import { PasswordHashes, type SlowHash } from './password/password-hashes.ts';
import type { StoppedThings } from './operations/redrive/stopped-things.ts';
import type { EncodePicture } from './picture/picture-encoder.ts';
import type { StoredAnswers } from './safe-retry/stored-answers.ts';
import { Turns } from '@rollbook/shared/kernel/turns';
import { UnknownNames } from './session/failed-sign-in/unknown-names.ts';
import { RefreshCookie } from './session/refresh-cookie.ts';
import { SessionSenders } from './session/session-senders.ts';

/** What `main.ts` joins: the adapters behind the ports. */
export interface Adapters {
  readonly log: EventLog;
  /** Without it every look at a caller reads the log. */
  readonly recentEndings?: RecentEndings & { readonly apiKeys: ApiKeyMemory };
  readonly keys: KeyRing;
  readonly keyIds: KeyIds;
  readonly answers: StoredAnswers;
  /** Not asked where RATE_LIMIT_CREDENTIALS_PER_HOUR is 0. */
  readonly limits: CredentialLimits;
  readonly refusals: SignInRefusals;
  readonly stoppedThings: StoppedThings;
  readonly slowHash: SlowHash;
  readonly pictures: PictureStore;
  readonly encodePicture: EncodePicture;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly health: HealthChecks;
  readonly requestCounter?: RequestCounter;
}

/** Places in the hashing queue: running, waiting and reserved. */
const HASHING_PLACES = 256;
/** Pictures that may be under way at once, each of up to 5 MiB. */
const PICTURE_PLACES = 16;
/** Of them for one person. */
const PICTURE_PLACES_EACH = 4;

/** Everything the commands need, made once from settings and adapters. `lanes`: passwords hashed at the same time. */
export const commandPorts = (config: CommandApiConfig, adapters: Adapters, lanes: number) => {
  const rules = { issuer: config.TOKEN_ISSUER ?? config.PUBLIC_URL, audience: config.TOKEN_AUDIENCE };
  const publicKeys = config.TOKEN_PRIVATE_KEYS.map(({ id, key }) => ({ id, key: createPublicKey(key) }));
  const verifier = new TokenVerifier(publicKeys, rules);
  const authority = new Authority(adapters.log, verifier, adapters.clock, adapters.recentEndings);
  const refreshCookie = new RefreshCookie(config.PUBLIC_URL, config.CORS_ORIGINS ?? new Set());
  return {
    log: adapters.log,
    keys: adapters.keys,
    keyIds: adapters.keyIds,
    receiptKey: config.RECEIPT_PRIVATE_KEYS[0],
    answers: adapters.answers,
    limits: config.RATE_LIMIT_CREDENTIALS_PER_HOUR === 0 ? noLimits : adapters.limits,
    refusals: adapters.refusals,
    stoppedThings: adapters.stoppedThings,
    turns: new Turns(),
    unknownNames: new UnknownNames(adapters.clock, (count) => {
      adapters.logger.info({ count }, 'sign-ins failed under names that nobody has');
    }),
    clock: adapters.clock,
    random: adapters.random,
    verifier,
    refreshCookie,
    sessionSenders: new SessionSenders({ authority, verifier, refreshCookie, clock: adapters.clock }),
    signer: new TokenSigner(config.TOKEN_PRIVATE_KEYS, rules),
    authority,
    apiKeys: apiKeysOf(adapters),
    consistency: new ConsistencyTokens(config.MASTER_KEY),
    digests: new NameDigests(config.DIGEST_KEY),
    digestKey: config.DIGEST_KEY,
    links: new LinkTokens(config.LINK_KEYS, config.PENDING_TTL * SECOND),
    hashes: new PasswordHashes(adapters.slowHash, config.PASSWORD_PEPPER, config.BCRYPT_COST),
    queue: new HashingQueue({ lanes, places: HASHING_PLACES }),
    pictures: adapters.pictures,
    encodePicture: adapters.encodePicture,
    pictureAdmission: new Admission(PICTURE_PLACES, PICTURE_PLACES_EACH),
    pendingTtl: config.PENDING_TTL * SECOND,
    passwordPolicy: config.PASSWORD_POLICY,
    portals: new Set(config.PORTALS?.keys() ?? []),
    disclosure: config.REGISTRATION_DISCLOSURE,
    lives: { access: config.ACCESS_TOKEN_TTL, refresh: config.REFRESH_TOKEN_TTL, refreshIdle: config.REFRESH_IDLE_TTL },
    sessionLife: config.REFRESH_TOKEN_TTL,
    grace: config.REFRESH_REUSE_GRACE * SECOND,
    requestCounter: adapters.requestCounter,
  };
};

const apiKeysOf = ({ log, clock, recentEndings: recent }: Adapters): ApiKeys =>
  new ApiKeys({ log, clock, recent: recent && { memory: recent.apiKeys, watch: recent.watch } });

export type CommandPorts = ReturnType<typeof commandPorts>;
