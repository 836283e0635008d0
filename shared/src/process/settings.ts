import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { setting, type ParsedSetting, type Setting } from './config.ts';

const wholeNumber = (text: string, least: number, most: number): ParsedSetting<number> => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? { value } : { problem: 'it is not' };
};

/** A whole number between `least` and `most`, both included. */
export const whole = (least: number, most = 2 ** 31 - 1): Setting<number> =>
  setting(`a whole number from ${least} to ${most}`, (text) => wholeNumber(text, least, most));

/** A time in whole seconds, as a number of seconds. */
export const seconds = (least = 1): Setting<number> =>
  setting(`a time in whole seconds, at least ${least}`, (text) => wholeNumber(text, least, 2 ** 31 - 1));

/** A TCP port; 0 lets the system choose one. */
export const port = (): Setting<number> => setting('a port from 0 to 65535', (text) => wholeNumber(text, 0, 65_535));

/** `true`, `yes`, `on`, `1` or their contraries, in any letter case. */
export const flag = (): Setting<boolean> =>
  setting('true or false', (text) => {
    if (/^(?:true|yes|on|1)$/i.test(text)) return { value: true };
    return /^(?:false|no|off|0)$/i.test(text) ? { value: false } : { problem: 'it is neither' };
  });

/** Where to listen: an address or a host name, without a port. */
export const host = (): Setting<string> =>
  setting('an IP address or a host name without a port', (text) =>
    isIP(text) !== 0 || /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(text) ? { value: text } : { problem: 'it is not' },
  );

/** A URL of one of these schemes, as it was given. Several hosts with commas (`kafka://a:9092,b:9092`) are allowed. */
export const urlOf = (...schemes: readonly [string, ...string[]]): Setting<string> =>
  setting(`a URL beginning with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, (text) => {
    const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\s]+)\S*$/i.exec(text);
    if (!parts) return { problem: 'it is not a URL with a host' };
    if (!schemes.includes((parts[1] ?? '').toLowerCase())) return { problem: 'its scheme is another one' };
    if (/%(?![0-9a-f]{2})/i.test(text)) return { problem: 'a % in it must be written %25' };
    if ((parts[2] ?? '').includes(',')) return { value: text };
    const url = URL.parse(text);
    if (!url) return { problem: 'it is not a valid URL' };
    return url.port === '0' ? { problem: 'its port is 0' } : { value: text };
  });

const linkBase = (text: string): ParsedSetting<string> => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return { problem: 'it is not an http or https URL' };
  if (url.username || url.password || url.search || url.hash) return { problem: 'it has more than host and path' };
  return { value: (url.origin + url.pathname).replace(/\/+$/, '') };
};

/** The public address that links are built from, without a trailing `/`. */
export const publicUrl = (): Setting<string> => setting('an http or https URL without query and fragment', linkBase);

/** `name=url,…`: other sites that links in mails may lead to, by name. */
export const portals = (): Setting<ReadonlyMap<string, string>> =>
  setting('a list name=url,… of http or https URLs', (text) => {
    const found = new Map<string, string>();
    for (const [index, entry] of text.split(',').entries()) {
      const parts = /^\s*([A-Za-z0-9_-]{1,50})=(\S+)\s*$/.exec(entry);
      if (!parts) return { problem: `entry ${index + 1} is not name=url` };
      const [, name = '', url = ''] = parts;
      const base = linkBase(url);
      if ('problem' in base) return { problem: `in entry ${index + 1}, ${base.problem}` };
      if (found.has(name)) return { problem: `entry ${index + 1} repeats a name` };
      found.set(name, base.value);
    }
    return { value: found };
  });

/** `CORS_ORIGINS`: origins exactly as browsers send them (`https://app.example.org`), separated by commas. */
export const origins = (): Setting<ReadonlySet<string>> =>
  setting('a list of origins (https://app.example.org,…), each without a path, never *', (text) => {
    const entries = text.split(',').map((entry) => entry.trim());
    const wrong = entries.findIndex((entry) => !/^https?:[^*]+$/.test(entry) || URL.parse(entry)?.origin !== entry);
    return wrong === -1 ? { value: new Set(entries) } : { problem: `entry ${wrong + 1} is not an origin` };
  });

const isNetwork = (text: string): boolean => {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
};

/** How many proxies stand before this server (a count), or the networks they stand in. As express' `trust proxy`. */
export type TrustProxy = number | string[];

export const trustProxy = (): Setting<TrustProxy> =>
  setting<TrustProxy>('a count of proxies or a list of addresses and networks (10.0.0.0/8,…)', (text) => {
    if (/^\d{1,2}$/.test(text)) return { value: Number(text) };
    const networks = text.split(',').map((entry) => entry.trim());
    const wrong = networks.findIndex((entry) => entry !== 'loopback' && !isNetwork(entry));
    return wrong === -1 ? { value: networks } : { problem: `entry ${wrong + 1} is neither` };
  });

/** Comma-separated text without empty entries. */
export const list = (): Setting<readonly string[]> =>
  setting('a comma-separated list', (text) => ({
    value: text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  }));

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: () => `must be one of ${words.join(', ')}` });

/** `LOG_LEVEL`. */
export const logLevel = () => oneOf(LOG_LEVELS).default('info');
