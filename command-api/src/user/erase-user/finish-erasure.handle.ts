import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { DAY, toInstant, type Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Random } from '@rollbook/shared/kernel/random';
import { OUT_OF_REACH, signReceipt } from '@rollbook/shared/person/erasure-receipt';
import type { KeyIds, KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { readPerson, type ReadPerson } from '../../command/read-person.ts';

export interface FinishErasurePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: KeyRing;
  readonly keyIds: KeyIds;
  /** Signs receipts; its public half is served by query-api. */
  readonly receiptKey: NamedKey;
}

/** ms that a backup of the keys is kept at most. */
const BACKUPS_KEPT = 30 * DAY;

type Erased = Extract<AnyEvent, { type: 'PersonErased' }>;

/** Whether an event is an erasure that a receipt belongs to: an expired registration gets none. */
export const getsReceipt = (event: AnyEvent): event is Erased =>
  event.type === 'PersonErased' && event.data.reason !== 'registration-expired';

const erasureIn = (events: readonly AnyEvent[]): Erased | null => events.findLast(getsReceipt) ?? null;

/**
 * What comes after `PersonErased`: the key is destroyed, then the signed receipt stands in the stream. Whoever meets an
 * erasure without a receipt does it, so that a stop in between heals; done twice it is done once. The receipt, or null
 * where there is nothing to finish.
 */
export const finishErasure = async (ports: FinishErasurePorts, target: ReadPerson): Promise<AnyEvent | null> => {
  const userId = target.person.id;
  if (userId === null || erasureIn(target.events) === null) return null;
  return inRounds<AnyEvent | null>(ports, async (round) => {
    const { events, end } = round === 0 ? target : await readPerson(ports.log, userId);
    const erased = erasureIn(events);
    const receipt = events.findLast(({ type }) => type === 'ErasureReceipted');
    if (receipt || erased === null) return receipt ?? null;
    const data = await destroyAndSign(ports, userId, erased);
    const id = derivedUuid('receipt', erased.id);
    await ports.log.append(
      userStream(userId),
      end,
      [{ type: 'ErasureReceipted', data, personal: null }],
      after(erased),
      [id],
    );
    return AGAIN;
  });
};

const destroyAndSign = async ({ keys, keyIds, clock, receiptKey }: FinishErasurePorts, id: string, erased: Erased) => {
  const keyId = await keyIds.keyIdOf(id);
  if (keyId === null) throw new Error(`There is no key of ${id}, nor a tombstone`);
  await keys.destroy(id, erased.position);
  const receipt = {
    id,
    position: erased.position,
    erased_at: erased.recordedAt,
    key_id: keyId,
    backups_until: toInstant(clock.now() + BACKUPS_KEPT),
    out_of_reach: OUT_OF_REACH,
    signed_by: receiptKey.id,
  };
  return {
    position: receipt.position,
    erasedAt: receipt.erased_at,
    keyId,
    backupsUntil: receipt.backups_until,
    outOfReach: [...receipt.out_of_reach],
    signedBy: receipt.signed_by,
    signature: signReceipt(receipt, receiptKey.key),
  };
};

/** Who erased ordered the receipt too, whoever finishes it. */
const after = ({ id, metadata }: Erased): WriteContext => ({
  actor: metadata.actor,
  origin: null,
  requestId: metadata.requestId,
  correlationId: metadata.correlationId,
  causationId: id,
  commandId: metadata.commandId,
});
