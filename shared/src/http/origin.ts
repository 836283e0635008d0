import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import type { Origin } from '../event-log/event.ts';

/** Whether the peer at `address`, `hop` steps before us, may speak for the one before it. */
export type TrustProxy = (address: string, hop: number) => boolean;

/** Longest user agent that is kept, in characters. */
const MAX_USER_AGENT = 512;

/**
 * Reads `TRUST_PROXY`: a count of proxies, or a comma list of addresses, networks (CIDR) and the names `loopback`,
 * `linklocal`, `uniquelocal`. Empty or absent: nobody is trusted. Throws a sentence that says what is wrong.
 */
export const parseTrustProxy = (setting: string | undefined): TrustProxy => {
  const text = setting?.trim() ?? '';
  if (text === '') return () => false;
  if (/^\d{1,2}$/.test(text)) return (_address, hop) => hop < Number(text);
  try {
    return proxyaddr.compile(text.split(',').map((part) => part.trim()));
  } catch {
    throw new Error(`TRUST_PROXY must be a count of proxies or a list of networks, not "${text}"`);
  }
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
export const clientAddress = (request: IncomingMessage, trust: TrustProxy): string | null => {
  let address: string | null = null;
  for (const hop of proxyaddr.all(request, trust)) {
    const normal = normalAddress(hop);
    if (normal === null) break;
    address = normal;
  }
  return address;
};

/** Where a request came from, for the events that it causes. */
export const originOf = (request: IncomingMessage, trust: TrustProxy): Origin => ({
  address: clientAddress(request, trust),
  userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
});
