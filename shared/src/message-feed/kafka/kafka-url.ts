import { ConfigError } from '../../process/start-error.ts';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
type Mechanism = (typeof MECHANISMS)[number];

/** Where the brokers are and who asks. */
export interface KafkaSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly sasl: { readonly mechanism: Mechanism; readonly username: string; readonly password: string } | null;
  readonly tls: boolean;
  /** Stands before every topic and group, so that several installations can share a cluster. Empty by default. */
  readonly prefix: string;
}

const wrong = (problem: string): ConfigError =>
  new ConfigError(
    `MESSAGE_FEED_URL must be kafka://user:password@a:9092,b:9092?sasl=scram-sha-512&tls=true: ${problem}.`,
  );

const decode = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`the ${what} is not percent-encoded`);
  }
};

const brokerOf = (text: string): string => {
  const url = URL.parse(`kafka://${text}`);
  if (!url || url.hostname === '' || url.pathname !== '') throw wrong('a broker is not host:port');
  return `${url.hostname.replace(/^\[|\]$/g, '')}:${url.port === '' ? '9092' : url.port}`;
};

/**
 * Reads `kafka://user:password@a:9092,b:9092?sasl=scram-sha-512&tls=true&prefix=team-`. User and password are
 * percent-encoded; `sasl` is scram-sha-512 unless given. Throws ConfigError, which never shows the password.
 */
export const parseKafkaUrl = (text: string): KafkaSettings => {
  const parts = /^kafka:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?(?:\?([^#]*))?$/i.exec(text);
  if (!parts) throw wrong('it is not');
  const [, credentials, hosts = '', query = ''] = parts;
  const options = new URLSearchParams(query);
  for (const name of options.keys())
    if (!['sasl', 'tls', 'prefix'].includes(name)) throw wrong(`${name} is not a known option`);
  const tls = options.get('tls') ?? 'false';
  if (tls !== 'true' && tls !== 'false') throw wrong('tls is neither true nor false');
  const prefix = options.get('prefix') ?? '';
  if (!/^[A-Za-z0-9._-]{0,100}$/.test(prefix)) throw wrong('prefix has other signs than letters, digits, . _ -');
  return {
    brokers: hosts.split(',').map(brokerOf),
    sasl: saslOf(credentials, options.get('sasl')),
    tls: tls === 'true',
    prefix,
  };
};

const saslOf = (credentials: string | undefined, given: string | null): KafkaSettings['sasl'] => {
  if (credentials === undefined) {
    if (given !== null) throw wrong('sasl is given without user and password');
    return null;
  }
  const [username = '', ...password] = credentials.split(':');
  if (username === '' || password.length !== 1) throw wrong('user:password is incomplete');
  const mechanism = MECHANISMS.find((known) => known === (given ?? 'scram-sha-512'));
  if (!mechanism) throw wrong(`sasl is none of ${MECHANISMS.join(', ')}`);
  return {
    mechanism,
    username: decode(username, 'user'),
    password: decode(password[0] ?? '', 'password'),
  };
};
