import { personOfStream } from '@rollbook/shared/contracts/streams';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import { lookThrough } from '@rollbook/shared/event-log/keep-following';
import { HOUR } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';
import { readPerson } from '../../command/read-person.ts';
import { finishErasure, getsReceipt, type FinishErasurePorts } from './finish-erasure.handle.ts';

interface Looking {
  readonly signal: AbortSignal;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Finishes every erasure after `position` that stopped in the middle. The position to go on from the next time: where one
 * could not be finished (told) the others are, and the next time looks at all of them again. Throws StoreUnavailable.
 */
export const finishErasures = async (
  ports: FinishErasurePorts,
  position: Position | null,
  { signal, onFault }: Looking,
): Promise<Position | null> => {
  const unfinished: string[] = [];
  const finish = async (userId: string): Promise<void> => {
    try {
      await finishErasure(ports, await readPerson(ports.log, userId));
    } catch (fault) {
      if (fault instanceof StoreUnavailable) throw fault;
      unfinished.push(userId);
      onFault(fault);
    }
  };
  const looking = { log: ports.log, after: position, types: ['PersonErased'], signal, onFault };
  const reached = await lookThrough(looking, async ({ events }) => {
    for (const event of events.filter(getsReceipt))
      if (!signal.aborted) await finish(personOfStream(event.stream) ?? '');
  });
  return unfinished.length > 0 || signal.aborted ? position : reached;
};

/** Looks at the start, and once an hour for what another copy left behind, until the signal. Never rejects. */
export const finishErasuresHourly = (
  ports: FinishErasurePorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  let position: Position | null = null;
  return repeat({ clock: ports.clock, onFault, signal }, async () => {
    position = await finishErasures(ports, position, { signal, onFault });
    return HOUR;
  });
};
