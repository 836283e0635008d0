const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Whether only this machine reaches a URL, without encryption. */
export const isPlainLoopback = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && LOOPBACK.includes(hostname);
};

/**
 * The origins (RFC 6454) that are our own: that of PUBLIC_URL, and where that is plain http on loopback, the other names
 * of loopback on the same port. Never what a request says of itself: under a rebound name an attacker's page would send
 * its own name as `Host` and `Origin` alike.
 */
export const ownOrigins = (publicUrl: string): ReadonlySet<string> => {
  const { origin, port } = new URL(publicUrl);
  if (!isPlainLoopback(publicUrl)) return new Set([origin]);
  return new Set(LOOPBACK.map((name) => `http://${name}${port === '' ? '' : `:${port}`}`));
};
