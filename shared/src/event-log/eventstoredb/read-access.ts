import { jsonEvent } from '@eventstore/db-client';
import type { Clock } from '../../kernel/clock.ts';
import { ConfigError } from '../../process/start-error.ts';
import { readConnectionSettings } from './connection-settings.ts';
import { Connection } from './connection.ts';
import { readStreamPart } from './read-records.ts';
import { within } from './within.ts';

export interface ReadAccess {
  /** A connection string with an administrator's name and password. */
  readonly adminUrl: string;
  /** Who is to follow the log. */
  readonly user: string;
  readonly clock: Clock;
  /** `NODE_ENV` */
  readonly nodeEnv?: string | undefined;
}

/** The stream of the metadata of `$all`, where its ACL stands. */
const METADATA = '$$$all';
/** Most time (ms) for each call. */
const LIMIT = 5_000;

interface Metadata {
  readonly $acl?: { readonly $r?: string | readonly string[] };
}

/**
 * Lets a user read `$all`, beside whom the ACL names already; all else in it stays. Gives false when it said so before.
 * Throws ConfigError, StoreUnavailable, and the client's fault when the ACL was changed meanwhile: ask again.
 */
export const allowReadingAll = async ({ adminUrl, user, clock, nodeEnv }: ReadAccess): Promise<boolean> => {
  const settings = readConnectionSettings(adminUrl, nodeEnv);
  const connection = new Connection(settings, clock);
  try {
    const part = { stream: METADATA, from: 'end', direction: 'backwards', count: 1 } as const;
    const [last] = (await readStreamPart({ connection, clock, readLimit: LIMIT }, part)) ?? [];
    const metadata = (last?.data ?? {}) as Metadata;
    // Without a word of its own, $all is for administrators.
    const readers = [metadata.$acl?.$r ?? '$admins'].flat();
    if (readers.includes(user)) return false;
    const data = { ...metadata, $acl: { ...metadata.$acl, $r: [...readers, user] } };
    const options = { expectedRevision: last?.revision ?? 'no_stream', credentials: settings.credentials } as const;
    const event = jsonEvent({ type: '$metadata', data });
    await within(clock, LIMIT, connection.client.appendToStream(METADATA, event, { ...options, deadline: LIMIT }));
    return true;
  } finally {
    await connection.close();
  }
};

/** The name in a connection string. Throws ConfigError. */
export const userOf = (url: string, nodeEnv?: string): string => {
  const { username } = readConnectionSettings(url, nodeEnv).credentials;
  if (!url.includes('@')) throw new ConfigError('EVENT_STORE_URL names no user: without TLS everybody may read.');
  return username;
};
