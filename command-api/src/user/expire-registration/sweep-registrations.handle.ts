import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { fromInstant, HOUR, MINUTE, type Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import { repeat } from '@rollbook/shared/kernel/repeat';
import { SYSTEM } from '../../command/command.ts';
import { readPerson } from '../../command/read-person.ts';
import { expireRegistration } from './expire-registration.handle.ts';
import { isOverdue } from './overdue.decide.ts';

export interface ExpiryPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  /** ms */
  readonly pendingTtl: number;
}

/** Up to where all registrations were looked at after their time was over. It may be lost: then all are looked at again. */
export interface SweepProgress {
  /** null: nowhere yet in this log. */
  find(logId: string): Promise<Position | null>;
  /** Never goes back, whoever comes later with less. */
  keep(logId: string, position: Position): Promise<void>;
}

/** Registrations that one run looks at, at most. */
const MOST = 2_000;
const PAGE = 200;

const contextOf = (userId: string): WriteContext => ({
  actor: SYSTEM,
  origin: null,
  requestId: 'expiry',
  correlationId: 'expiry',
  causationId: null,
  // The same for every copy of the service and every run.
  commandId: derivedUuid('expiry sweep', userId),
});

/** Expires this registration if its time is over and nobody verified it; a verification that comes first wins. */
export const expireOverdue = (ports: ExpiryPorts, userId: string): Promise<'expired' | 'left'> => {
  let wrote = false;
  return inRounds<'expired' | 'left'>(ports, async () => {
    const { person, end } = await readPerson(ports.log, userId);
    if (!isOverdue(person, ports.clock.now(), ports.pendingTtl)) return wrote && person.expired ? 'expired' : 'left';
    wrote = true;
    await expireRegistration(ports.log, { person, end }, 'expired', contextOf(userId));
    return AGAIN;
  });
};

/**
 * One run: looks at the registrations whose time ran out since the last one, in the order of the log, and expires those
 * that nobody verified. A run is bounded; `more`: it ended before it was through.
 */
export const sweepRegistrations = async (
  ports: ExpiryPorts,
  progress: SweepProgress,
  signal?: AbortSignal,
): Promise<'done' | 'more'> => {
  const logId = await ports.log.logId();
  let after = await progress.find(logId);
  for (let looked = 0; looked < MOST && signal?.aborted !== true;) {
    const page = await ports.log.readAll({ after, filter: { types: ['UserRegistered'] }, limit: PAGE });
    const waiting = page.events.findIndex((event) => !isPast(event, ports));
    const past = waiting === -1 ? page.events : page.events.slice(0, waiting);
    for (const event of past)
      if (event.type === 'UserRegistered' && event.data.via === 'self')
        await expireOverdue(ports, personOfStream(event.stream) ?? '');
    looked += past.length;
    const through = waiting === -1 ? page.position : (past.at(-1)?.position ?? after);
    if (through !== null && through !== after) await progress.keep(logId, through);
    after = through;
    if (waiting !== -1 || page.atEnd) return 'done';
  }
  return 'more';
};

const isPast = ({ recordedAt }: AnyEvent, { clock, pendingTtl }: ExpiryPorts): boolean =>
  fromInstant(recordedAt) + pendingTtl <= clock.now();

/** Sweeps at the start and once an hour, until the signal; after a minute where much is left. Never rejects. */
export const sweepRegistrationsHourly = (
  ports: ExpiryPorts,
  progress: SweepProgress,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> =>
  repeat({ clock: ports.clock, onFault, signal }, async () =>
    (await sweepRegistrations(ports, progress, signal)) === 'more' ? MINUTE : HOUR,
  );
