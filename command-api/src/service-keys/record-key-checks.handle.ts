import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { SERVICE } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import {
  foldKeyChecks,
  keyCheck,
  mismatchedKeys,
  type GivenKeys,
  type RecordedChecks,
} from '@rollbook/shared/personal-data/key-checks';

type AllKeys = Required<GivenKeys>;

/**
 * Makes the log remember which keys it is written with: the log's very first event, later one more for each new pepper
 * or master key, before its first use. Gives the settings that do not match; then nothing is written.
 */
export const recordKeyChecks = (
  ports: { readonly log: EventLog; readonly clock: Clock; readonly random: Random },
  keys: AllKeys,
  context: WriteContext,
): Promise<readonly string[]> =>
  inRounds<readonly string[]>(ports, async () => {
    const read = await ports.log.read(SERVICE);
    const recorded = foldKeyChecks(read);
    const wrong = mismatchedKeys(recorded, keys);
    if (wrong.length > 0) return wrong;
    const missing = missingChecks(recorded, keys);
    if (missing.length === 0) return [];
    const ids = missing.map((event) => derivedUuid('key-check', SERVICE, JSON.stringify(event.data)));
    await ports.log.append(SERVICE, read.end, missing, context, ids);
    return AGAIN;
  });

const checksOf = (keys: AllKeys['masterKeys'], kind: string): Record<string, string> =>
  Object.fromEntries(keys.map(({ id, secret }) => [id, keyCheck(secret, kind)]));

const missingChecks = (recorded: RecordedChecks, keys: AllKeys): readonly AnyNewEvent[] => {
  const peppers = checksOf(keys.peppers, 'pepper');
  const masterKeys = checksOf(keys.masterKeys, 'master-key');
  if (recorded.digestKey === null) {
    const data = { digestKey: keyCheck(keys.digestKey, 'digest'), peppers, masterKeys };
    return [{ type: 'KeyChecksRecorded', data, personal: null }];
  }
  const added = (kind: 'pepper' | 'master-key', known: ReadonlyMap<string, string>, given: Record<string, string>) =>
    Object.entries(given)
      .filter(([id]) => !known.has(id))
      .map(([id, check]): AnyNewEvent => ({ type: 'KeyCheckAdded', data: { kind, id, check }, personal: null }));
  return [...added('pepper', recorded.peppers, peppers), ...added('master-key', recorded.masterKeys, masterKeys)];
};
