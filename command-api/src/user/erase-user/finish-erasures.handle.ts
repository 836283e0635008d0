import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import { HOUR } from '@rollbook/shared/kernel/clock';
import { readPerson } from '../../command/read-person.ts';
import { finishErasure, type FinishErasurePorts } from './finish-erasure.handle.ts';

/** Finishes every erasure after `position` that stopped in the middle. The position to go on from. */
export const finishErasures = async (
  ports: FinishErasurePorts,
  position: Position | null,
): Promise<Position | null> => {
  for (let after = position; ;) {
    const page = await ports.log.readAll({ after, filter: { types: ['PersonErased'] } });
    for (const { stream } of page.events)
      await finishErasure(ports, await readPerson(ports.log, personOfStream(stream) ?? ''));
    after = page.position;
    if (page.atEnd) return after;
  }
};

/** Looks at the start, and once an hour for what another copy left behind, until the signal. Never rejects. */
export const finishErasuresHourly = async (
  ports: FinishErasurePorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  let position: Position | null = null;
  while (!signal.aborted) {
    try {
      position = await finishErasures(ports, position);
    } catch (fault) {
      onFault(fault);
    }
    await ports.clock.sleep(HOUR, signal);
  }
};
