import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { keepFollowing } from '@rollbook/shared/event-log/keep-following';
import type { Clock } from '@rollbook/shared/kernel/clock';

export interface ForgetErasedPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Takes these people out of every working table. Done twice it is done once. */
  readonly forget: (people: readonly string[]) => Promise<void>;
}

/**
 * Takes whoever is erased out of the working tables of command-api, within a second, until the signal. Begins with the
 * whole log, so that a stop in between heals. Never rejects.
 */
export const forgetErased = (
  { log, clock, forget }: ForgetErasedPorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> =>
  keepFollowing({ log, after: null, types: ['PersonErased'], clock, onFault, signal }, async ({ events }) => {
    const people = events.flatMap(({ stream }) => personOfStream(stream) ?? []);
    if (people.length > 0) await forget(people);
  });
