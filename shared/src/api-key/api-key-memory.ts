import { apiKeyOfStream } from '../contracts/streams.ts';
import type { StoredEvent } from '../event-log/event.ts';
import type { WatchedMemory } from '../event-log/log-watch.ts';
import { forgetOldest } from '../kernel/forget-oldest.ts';
import type { ApiKey } from './api-key.state.ts';

/** Keys remembered at most. */
const MOST = 10_000;

/**
 * Keys that were read from the log and that nothing has revoked since, as far as the watch has come. Only a watch that
 * is current makes that an answer.
 */
export class ApiKeyMemory implements WatchedMemory {
  readonly types = ['ApiKeyRevoked'];
  readonly #most: number;
  /** The one remembered first comes first. `at`: when the log last stood behind it, ms since 1970. */
  readonly #keys = new Map<string, { readonly key: ApiKey; at: number }>();
  #news = 0;

  constructor({ most = MOST }: { readonly most?: number } = {}) {
    this.#most = most;
  }

  /** Counts what was heard. To be noted before the log is read: what comes meanwhile may not be in what is read. */
  get news(): number {
    return this.#news;
  }

  begin(): void {
    this.#news += 1;
    this.#keys.clear();
  }

  note({ stream }: StoredEvent): void {
    this.#news += 1;
    this.#keys.delete(apiKeyOfStream(stream) ?? '');
  }

  /** For a look while the watch is current, at `now`. */
  find(id: string, now: number): ApiKey | null {
    const known = this.#keys.get(id);
    if (known) known.at = now;
    return known?.key ?? null;
  }

  /** For a look while nobody can tell: what the log stood behind after `since`. */
  findSince(id: string, since: number): ApiKey | null {
    const known = this.#keys.get(id);
    return known && known.at > since ? known.key : null;
  }

  /** `news`: as it was before the key was read, at `now`. */
  remember(key: ApiKey, news: number, now: number): void {
    if (news !== this.#news) return;
    this.#keys.set(key.id, { key, at: now });
    forgetOldest(this.#keys, this.#most);
  }
}
