import type { Credentials } from '@eventstore/db-client';
import { ConfigError } from '../../process/start-error.ts';

export interface ConnectionSettings {
  /** As it was given: the client reads hosts, TLS and discovery from it. */
  readonly url: string;
  /**
   * Given with every append, because that selects the plain append call (wire 1.9). Without TLS the client sends no
   * credentials, so any pair will do there.
   */
  readonly credentials: Credentials;
}

const URL_PARTS = /^esdb(?:\+discover)?:\/\/(?:([^:@/?]+):([^@/?]+)@)?[^@/?]+\/*(?:\?(.*))?$/;

/** Where the well-known password of a new server is allowed. */
const AT_HOME = ['development', 'test'];

/**
 * What the connection string says, checked: known password, TLS without credentials, and an option that hides a wrong
 * revision are refused. Throws ConfigError, which never quotes the string.
 */
export const readConnectionSettings = (url: string, nodeEnv: string | undefined): ConnectionSettings => {
  const parts = URL_PARTS.exec(url.trim());
  if (!parts) throw new ConfigError('EVENT_STORE_URL is not a connection string of EventStoreDB.');
  const [, name, password, query = ''] = parts;
  const option = (wanted: string): string | undefined => {
    const pairs = query.split('&').map((pair) => pair.split('=', 2));
    // The client reads names without regard to case, dashes and underscores.
    return pairs.find(([key = '']) => key.toLowerCase().replace(/[_-]/g, '') === wanted)?.[1]?.trim();
  };
  if (option('throwonappendfailure') === 'false')
    throw new ConfigError('EVENT_STORE_URL must not hold throwOnAppendFailure=false.');
  if (name === undefined || password === undefined) {
    if (option('tls') !== 'false')
      throw new ConfigError('EVENT_STORE_URL must hold credentials (esdb://name:password@host) unless TLS is off.');
    return { url, credentials: { username: 'nobody', password: 'sent to no one' } };
  }
  const credentials = { username: decode(name), password: decode(password) };
  if (credentials.password === 'changeit' && !AT_HOME.includes(nodeEnv ?? ''))
    throw new ConfigError(
      'EVENT_STORE_URL holds the password that every new EventStoreDB has. Change it at the server; it is accepted only with NODE_ENV=development or test.',
    );
  return { url, credentials };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError('EVENT_STORE_URL must hold its name and password percent-encoded.');
  }
};
