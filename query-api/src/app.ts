import type { Logger } from 'pino';
import type { ApiKeyMemory } from '@rollbook/shared/api-key/api-key-memory';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { LogWatch } from '@rollbook/shared/event-log/log-watch';
import { Admission } from '@rollbook/shared/http/admission';
import { buildApp, type HttpApp } from '@rollbook/shared/http/build-app';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Random } from '@rollbook/shared/kernel/random';
import { Turns } from '@rollbook/shared/kernel/turns';
import { Authority, type RecentEndings } from '@rollbook/shared/person/authority';
import type { ErasedKeys } from '@rollbook/shared/personal-data/erased-keys';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { PictureStore } from '@rollbook/shared/pictures/picture-store';
import type { RequestCounter } from '@rollbook/shared/request-limits/request-counter';
import type { Pool } from '@rollbook/shared/sql/pool';
import { TokenVerifier, type AccessTokenRules } from '@rollbook/shared/tokens/access-tokens';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { asyncApi } from './api-document/async-api.ts';
import { docsPage } from './api-document/docs-page.ts';
import { openApi } from './api-document/open-api.ts';
import { followParts, type StreamLimits } from './follow-events/follow-parts.ts';
import { mailLinkPages } from './mail-links/mail-link-pages.ts';
import { bearerCheck } from './read-model/bearer-check.ts';
import { QueryAuthority } from './read-model/query-authority.ts';
import { ReadModel, type ReadModelName } from './read-model/read-model.ts';
import { Underway } from './record-reading/underway.ts';
import { auditKeys } from './signing-keys/audit-keys.ts';
import { receiptKeys } from './signing-keys/receipt-keys.ts';
import { signingKeys } from './signing-keys/signing-keys.ts';
import { queryEndpoints } from './query-endpoints.ts';

/** Exports of the audit trail at once in this process, and of one person or API key: each reads the whole log. */
const [MOST_EXPORTS, EXPORTS_EACH] = [8, 3];

export interface QueryAppParts {
  readonly eventLog: EventLog;
  /** What the event log is made of: events are followed as they stand there, and never opened. */
  readonly store: Pick<EventStore, 'end' | 'follow' | 'read' | 'readAll'>;
  readonly streamLimits?: StreamLimits | undefined;
  /** Without it every query reads the log to see who asks. */
  readonly recentEndings?: RecentEndings & {
    readonly apiKeys: ApiKeyMemory;
    readonly watch: Pick<LogWatch, 'check'>;
  };
  /** Asked at its health; without it nobody looks through the keys here. */
  readonly erasedKeys?: Pick<ErasedKeys, 'check'>;
  /** ACCESS_TOKEN_TTL in ms: how long a key goes on while the log is away. Default: not at all. */
  readonly accessTtl?: number;
  /** Told of every use of an API key. */
  readonly onApiKeyUse?: (keyId: string) => void;
  /** Of the read models; every statement on it is bounded in time. */
  readonly pool: Pool;
  readonly keys: KeyRing;
  readonly pictures: PictureStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly consistencyTokens: ConsistencyTokens;
  readonly cursors: Cursors;
  /** Public keys of the access tokens, the current one first. */
  readonly tokenKeys: readonly NamedKey[];
  /** Public keys of the erasures' receipts, the current one first. */
  readonly receiptKeys: readonly NamedKey[];
  /** Public keys of the checkpoints, the current one first. */
  readonly notaryKeys: readonly NamedKey[];
  readonly tokenRules: AccessTokenRules;
  readonly trustProxy?: number | readonly string[] | undefined;
  readonly corsOrigins?: ReadonlySet<string> | undefined;
  readonly requestCounter?: RequestCounter | undefined;
}

/** The query side of the API: it reads, and holds no secret that could make a token. */
export const buildQueryApp = (parts: QueryAppParts): HttpApp => {
  const { eventLog, pool, keys, pictures, clock, random, log } = parts;
  const verifier = new TokenVerifier(parts.tokenKeys, parts.tokenRules);
  const readModel = (name: ReadModelName, also?: ReadModelName): ReadModel =>
    new ReadModel({ name, ...(also && { also }), pool, clock, tokens: parts.consistencyTokens });
  const directory = readModel('user_directory');
  const sessions = readModel('user_sessions', 'user_directory');
  const erasures = readModel('erasures');
  const keyList = readModel('api_keys');
  const auditIndex = readModel('audit_index');
  const recent = parts.recentEndings ?? null;
  const { erasedKeys } = parts;
  const apiKeys = new ApiKeys({
    log: eventLog,
    clock,
    recent: recent && { memory: recent.apiKeys, watch: recent.watch },
    onUse: parts.onApiKeyUse,
  });
  const people = new Authority(eventLog, verifier, clock, recent);
  const authority = new QueryAuthority({ authority: people, apiKeys, recent, pool, accessTtl: parts.accessTtl ?? 0 });
  return buildApp({
    endpoints: queryEndpoints({
      authority,
      directory,
      sessions,
      erasures,
      apiKeys: keyList,
      auditIndex,
      pool,
      clock,
      cursors: parts.cursors,
      log: eventLog,
      tokens: parts.consistencyTokens,
      readings: { log: eventLog, clock, random, turns: new Turns(), underway: new Underway(), authority },
      follow: followParts({
        store: parts.store,
        clock,
        onFault: (fault) => {
          log.error({ err: fault }, 'Events cannot be followed for the moment: their readers wait');
        },
        limits: parts.streamLimits,
      }),
      operations: { redrive: readModel('redrive'), store: parts.store },
      exports: {
        store: parts.store,
        random,
        notaryKeys: parts.notaryKeys,
        exports: new Admission(MOST_EXPORTS, EXPORTS_EACH),
      },
      keys,
      pictures,
    }),
    extraRoutes: [
      openApi(),
      ...asyncApi(),
      ...docsPage(),
      ...mailLinkPages(),
      signingKeys(parts.tokenKeys),
      receiptKeys(parts.receiptKeys),
      auditKeys(parts.notaryKeys, () => eventLog.logId()),
    ],
    clock,
    random,
    log,
    trustProxy: parts.trustProxy,
    corsOrigins: parts.corsOrigins,
    health: {
      // While the log is away, queries go on from the read models; a balancer must not take that away.
      event_log: {
        optional: async () => {
          await eventLog.end();
        },
      },
      ...(recent && { session_endings: () => recent.watch.check() }),
      ...(erasedKeys && { erased_keys: () => erasedKeys.check() }),
      user_directory: () => directory.check(),
      user_sessions: () => sessions.check(),
      erasures: () => erasures.check(),
      api_keys: () => keyList.check(),
      audit_index: () => auditIndex.check(),
    },
    checkBearer: bearerCheck({ authority: people, apiKeys, recent, counter: parts.requestCounter }),
    requestCounter: parts.requestCounter,
  });
};
