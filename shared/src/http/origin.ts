import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import type { Origin } from '../event-log/event.ts';

/** Whether the peer at `address`, `hop` steps before us, may speak for the one before it. */
export type TrustRule = (address: string, hop: number) => boolean;

/** Longest user agent that is kept, in characters. */
const MAX_USER_AGENT = 512;

/**
 * The rule for `TRUST_PROXY` as `process/settings.ts` reads it: a count of proxies, or addresses and networks. Absent:
 * nobody is trusted.
 */
export const trustRule = (setting: number | readonly string[] | undefined): TrustRule => {
  if (setting === undefined) return () => false;
  return typeof setting === 'number' ? (_address, hop) => hop < setting : proxyaddr.compile([...setting]);
};

/** One spelling for one address: IPv4 that came mapped into IPv6 as IPv4, IPv6 compressed, no zone. Null for no address. */
export const normalAddress = (text: string | undefined): string | null => {
  const address = (text ?? '').trim().replace(/%.*$/, '');
  const kind = isIP(address);
  if (kind === 0) return null;
  if (kind === 4) return address;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high, low] = [parseInt(mapped[1] ?? '0', 16), parseInt(mapped[2] ?? '0', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

/**
 * The client's address: the first, seen from us, that no trusted proxy vouches beyond. What a trusted proxy sent is
 * taken only where it is an address. Null once the connection is gone.
 */
export const clientAddress = (request: IncomingMessage, trust: TrustRule): string | null => {
  let address: string | null = null;
  for (const hop of proxyaddr.all(request, trust)) {
    const normal = normalAddress(hop);
    if (normal === null) break;
    address = normal;
  }
  return address;
};

/** Where a request came from, for the events that it causes. */
export const originOf = (request: IncomingMessage, trust: TrustRule): Origin => ({
  address: clientAddress(request, trust),
  userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
});
