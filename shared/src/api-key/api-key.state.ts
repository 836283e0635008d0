import type { AnyEvent } from '../contracts/events/all-events.ts';
import type { ApiScope } from '../contracts/permissions.ts';
import { idInStream } from '../contracts/streams.ts';

/** One key of another service: the fold of an `apikey-` stream. Times are RFC 3339. */
export interface ApiKey {
  readonly id: string;
  /** null once the administrator who gave it was erased. */
  readonly name: string | null;
  readonly scopes: readonly ApiScope[];
  /** null: as the installation has it. */
  readonly rateLimitPerHour: number | null;
  readonly expiresAt: string | null;
  /** SHA-256 (hex) of the key's text. */
  readonly digest: string;
  readonly createdAt: string;
  /** The administrator. */
  readonly createdBy: string | null;
  readonly revokedAt: string | null;
  /** Of the stream's last event. */
  readonly revision: number;
}

/** null: there is no such key. */
export const evolveApiKey = (key: ApiKey | null, event: AnyEvent): ApiKey | null => {
  const { recordedAt, revision } = event;
  if (event.type === 'ApiKeyCreated')
    return {
      id: idInStream(event.stream),
      name: event.personal?.name ?? null,
      scopes: event.data.scopes,
      rateLimitPerHour: event.data.rateLimitPerHour,
      expiresAt: event.data.expiresAt,
      digest: event.data.digest,
      createdAt: recordedAt,
      createdBy: event.metadata.actor.id,
      revokedAt: null,
      revision,
    };
  if (event.type === 'ApiKeyRevoked' && key) return { ...key, revokedAt: recordedAt, revision };
  return key;
};

export const foldApiKey = (events: readonly AnyEvent[]): ApiKey | null =>
  events.reduce<ApiKey | null>(evolveApiKey, null);

/** Whether a key opens anything at `now` (ms since 1970). Once it does not, it never does again. */
export const isLive = ({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number): boolean =>
  revokedAt === null && (expiresAt === null || now < Date.parse(expiresAt));
