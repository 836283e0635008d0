import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { isLoopback } from '../config.ts';

const isLoopbackPeer = (address: string | undefined): boolean => {
  const plain = address?.replace(/^::ffff:/i, '') ?? '';
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
};

/** Any header that a proxy adds: somebody else may stand behind the peer. */
const FORWARDING = /^(?:via|cf-.*|x-envoy-.*)$|forwarded|original|(?:client|user|real)-?ip|proxy/;

/**
 * Whether a request comes from a person at this very machine: a loopback peer, asking under a loopback name (a foreign
 * page whose name was bent to 127.0.0.1 asks under its own), without a proxy between, and not on behalf of another
 * origin's page.
 */
export function mayReadInbox(request: IncomingMessage): boolean {
  const { headers, headersDistinct, socket } = request;
  if (!isLoopbackPeer(socket.remoteAddress) || headersDistinct['host']?.length !== 1) return false;
  const host = /^(\[[^\]]+\]|[^:]+)(?::\d{1,5})?$/.exec(headers.host ?? '')?.[1];
  if (host === undefined || !isLoopback(host)) return false;
  if (Object.keys(headers).some((name) => FORWARDING.test(name))) return false;
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ''}`) return false;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
