import { SERVICE } from '../contracts/streams.ts';
import type { EventLog, StreamRead } from '../event-log/event-log.ts';
import { hmacOfParts } from '../kernel/digest.ts';
import type { NamedSecret } from '../kernel/named-key.ts';
import { ConfigError } from '../process/start-error.ts';

/** The keys that a service was given, as far as it was given any. The digest key has no id: it can't be rotated. */
export interface GivenKeys {
  readonly digestKey?: Buffer;
  readonly peppers?: readonly NamedSecret[];
  readonly masterKeys: readonly NamedSecret[];
}

/** A value that proves a key without telling it: HMAC-SHA-256 of a fixed text under the key. Hex. */
export const keyCheck = (secret: Buffer, kind: string): string =>
  hmacOfParts(secret, ['rollbook key check', kind]).toString('hex');

/** What the `service` stream says of the keys that this log was written with. */
export interface RecordedChecks {
  readonly digestKey: string | null;
  readonly peppers: ReadonlyMap<string, string>;
  readonly masterKeys: ReadonlyMap<string, string>;
}

export const foldKeyChecks = ({ events }: Pick<StreamRead, 'events'>): RecordedChecks => {
  let digestKey: string | null = null;
  const peppers = new Map<string, string>();
  const masterKeys = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'KeyChecksRecorded') {
      digestKey = event.data.digestKey;
      for (const [id, check] of Object.entries(event.data.peppers)) peppers.set(id, check);
      for (const [id, check] of Object.entries(event.data.masterKeys)) masterKeys.set(id, check);
    }
    if (event.type === 'KeyCheckAdded')
      (event.data.kind === 'pepper' ? peppers : masterKeys).set(event.data.id, event.data.check);
  }
  return { digestKey, peppers, masterKeys };
};

/**
 * The names of the settings that do not match the log, empty when all do. An id that the log does not know yet is no
 * mismatch: it is recorded before its first use.
 */
export const mismatchedKeys = (recorded: RecordedChecks, given: GivenKeys): readonly string[] => {
  const wrong: string[] = [];
  if (given.digestKey && recorded.digestKey !== null && keyCheck(given.digestKey, 'digest') !== recorded.digestKey)
    wrong.push('DIGEST_KEY');
  const differs = (known: ReadonlyMap<string, string>, { id, secret }: NamedSecret, kind: string): boolean =>
    known.has(id) && known.get(id) !== keyCheck(secret, kind);
  for (const pepper of given.peppers ?? [])
    if (differs(recorded.peppers, pepper, 'pepper')) wrong.push(`PASSWORD_PEPPER (id ${pepper.id})`);
  for (const key of given.masterKeys)
    if (differs(recorded.masterKeys, key, 'master-key')) wrong.push(`MASTER_KEY (id ${key.id})`);
  return wrong;
};

/** What a service ends with (78) when these settings do not match the log. */
export const mismatchError = (settings: readonly string[]): ConfigError =>
  new ConfigError(`${settings.join(', ')} is not what this event log was written with. Give the former value.`);

/** Compares the keys with what the log says of them. Throws ConfigError naming the settings that do not match. */
export const requireMatchingKeys = async (log: EventLog, given: GivenKeys): Promise<void> => {
  const wrong = mismatchedKeys(foldKeyChecks(await log.read(SERVICE)), given);
  if (wrong.length > 0) throw mismatchError(wrong);
};
