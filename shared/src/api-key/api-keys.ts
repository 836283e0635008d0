import type { Access } from '../contracts/access.ts';
import type { ApiScope } from '../contracts/permissions.ts';
import { reject, type Rejection } from '../contracts/rejections.ts';
import type { Actor } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { LogWatch } from '../event-log/log-watch.ts';
import type { Clock } from '../kernel/clock.ts';
import { equalBytes } from '../kernel/digest.ts';
import type { ApiKeyMemory } from './api-key-memory.ts';
import { apiKeyDigest, apiKeyIdIn } from './api-key-text.ts';
import { foldApiKey, isLive, type ApiKey } from './api-key.state.ts';
import { readApiKey } from './read-api-key.ts';

/** Another service, known by its key; also the actor of whatever it causes. It is nobody and has no role. */
export interface ServiceCaller extends Actor {
  readonly kind: 'service';
  /** Of the key. */
  readonly id: string;
  readonly scopes: readonly ApiScope[];
  /** null: as the installation has it. */
  readonly rateLimitPerHour: number | null;
}

/** Whether a service may call an endpoint: by the scope that the endpoint names, and by nothing else. */
export const refuseService = (access: Access, { scopes }: Pick<ServiceCaller, 'scopes'>): Rejection | null =>
  'scope' in access && scopes.includes(access.scope) ? null : reject('forbidden');

export interface ApiKeysParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly clock: Clock;
  /** Without it every look reads the log. */
  readonly recent?: { readonly memory: ApiKeyMemory; readonly watch: Pick<LogWatch, 'isCurrent'> } | null | undefined;
  /** Told of every key that was let in. */
  readonly onUse?: ((keyId: string) => void) | undefined;
}

/** Decides which service shows an API key. */
export class ApiKeys {
  readonly #parts: ApiKeysParts;

  constructor(parts: ApiKeysParts) {
    this.#parts = parts;
  }

  /**
   * The service as the log said at most 500 ms ago, or 401 in one form for every key that opens nothing: unknown,
   * mistyped, expired or revoked. Throws StoreUnavailable where the log has to be read and cannot be.
   */
  async look(bearer: string): Promise<ServiceCaller | Rejection> {
    const id = apiKeyIdIn(bearer);
    return this.#admit(bearer, id === null ? null : await this.#find(id));
  }

  /**
   * As `look`, by what is remembered alone: of a key that the log stood behind less than `age` ms ago. null: nothing is
   * known of it.
   */
  recall(bearer: string, age: number): ServiceCaller | Rejection | null {
    const { clock, recent } = this.#parts;
    const id = apiKeyIdIn(bearer);
    if (id === null) return reject('api_key_invalid');
    const key = recent?.memory.findSince(id, clock.now() - age);
    return key ? this.#admit(bearer, key) : null;
  }

  #admit(bearer: string, key: ApiKey | null): ServiceCaller | Rejection {
    if (
      !key ||
      !equalBytes(apiKeyDigest(bearer), Buffer.from(key.digest, 'hex')) ||
      !isLive(key, this.#parts.clock.now())
    )
      return reject('api_key_invalid');
    this.#parts.onUse?.(key.id);
    return { kind: 'service', id: key.id, scopes: key.scopes, rateLimitPerHour: key.rateLimitPerHour };
  }

  async #find(id: string): Promise<ApiKey | null> {
    const { log, clock, recent } = this.#parts;
    // Asked for currency first: what came meanwhile counts.
    const known = recent && (await recent.watch.isCurrent()) ? recent.memory.find(id, clock.now()) : null;
    if (known) return known;
    const [news, now] = [recent?.memory.news ?? 0, clock.now()];
    const key = foldApiKey((await readApiKey(log, id)).events);
    if (key?.revokedAt === null) recent?.memory.remember(key, news, now);
    return key;
  }
}
