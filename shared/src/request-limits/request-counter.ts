import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Rejection } from '../contracts/rejections.ts';
import { personOfStream } from '../contracts/streams.ts';
import type { WatchedMemory } from '../event-log/log-watch.ts';
import { addressGroup } from '../http/address-group.ts';
import { hmacOfParts } from '../kernel/digest.ts';
import type { NamedSecret } from '../kernel/named-key.ts';
import type { RequestLimits, Standing } from './request-limits.ts';
import { VainLookUps } from './vain-look-ups.ts';

/** Who is known to send a request: only somebody whose token or key has proved it. */
export type Sender =
  | { readonly kind: 'person'; readonly id: string }
  /** `perHour` null: as the installation has it. */
  | { readonly kind: 'api-key'; readonly id: string; readonly perHour: number | null };

export const senderOfKey = (service: { readonly id: string; readonly rateLimitPerHour: number | null }): Sender => ({
  kind: 'api-key',
  id: service.id,
  perHour: service.rateLimitPerHour,
});

export interface RequestCounterParts {
  readonly limits: RequestLimits;
  readonly masterKeys: readonly NamedSecret[];
  /** RATE_LIMIT_PER_HOUR; 0: not counted. */
  readonly perHour: number;
  /** RATE_LIMIT_ANONYMOUS_PER_HOUR; 0: not counted. */
  readonly anonymousPerHour: number;
}

/**
 * Counts requests to the person or API key that sent them, and what nobody is known by to the address (IPv6: the /64).
 * All of them only under digests, HMAC-SHA-256 with HKDF(MASTER_KEY, "request-limits"), which every service has.
 */
export class RequestCounter {
  readonly #parts: RequestCounterParts;
  readonly #key: KeyObject;
  readonly #vainLookUps = new VainLookUps();

  constructor(parts: RequestCounterParts) {
    this.#parts = parts;
    const [first] = parts.masterKeys;
    if (!first) throw new RangeError('A list of keys must not be empty');
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', first.secret, '', 'request-limits', 32)));
  }

  /** One more request. `address`: as `http/origin.ts` reads it. null: it is not counted. */
  async count(sender: Sender | null, address: string | null): Promise<Standing | null> {
    const perHour = this.#perHourOf(sender);
    if (perHour === 0) return null;
    const name = sender ? this.#name(sender.kind, sender.id) : this.#name('address', addressGroup(address));
    return this.#parts.limits.count({ name, perHour, isAddress: sender === null });
  }

  /**
   * Looks an API key up for an address; only one a second once it has shown as many that open nothing in this hour as it
   * has requests. Its other requests do not matter: a good key opens whatever its neighbours do without one.
   */
  async lookUpKey<Found extends object>(
    address: string | null,
    look: () => Promise<Found | Rejection>,
  ): Promise<Found | Rejection> {
    const perHour = this.#parts.anonymousPerHour;
    if (perHour === 0) return look();
    return this.#vainLookUps.look(
      { name: this.#name('address', addressGroup(address)), perHour, isAddress: true },
      look,
    );
  }

  /** For the watch of the log: the counts of the erased go. */
  get erasures(): WatchedMemory {
    return {
      types: ['PersonErased'],
      begin: () => undefined,
      note: ({ stream }) => {
        const id = personOfStream(stream);
        if (id !== null) this.#parts.limits.forget(this.#name('person', id));
      },
    };
  }

  #perHourOf(sender: Sender | null): number {
    const { perHour, anonymousPerHour } = this.#parts;
    if (sender === null) return anonymousPerHour;
    return (sender.kind === 'api-key' ? sender.perHour : null) ?? perHour;
  }

  #name(kind: Sender['kind'] | 'address', of: string): string {
    return hmacOfParts(this.#key, [kind, of]).toString('hex');
  }
}
