import { personOfStream, signinStream } from '@rollbook/shared/contracts/streams';
import { keepFollowing } from '@rollbook/shared/event-log/keep-following';
import type { EventStore } from '@rollbook/shared/event-log/port';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { untilDone } from '@rollbook/shared/kernel/repeat';
import type { Inbox } from './inbox.ts';

export interface ForgetErasedPorts {
  readonly store: EventStore;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/**
 * Takes the mails to whoever is erased out of the inbox, until the signal. The inbox begins empty, so from now on. Never
 * rejects.
 */
export async function forgetErased(ports: ForgetErasedPorts, signal: AbortSignal): Promise<void> {
  const { store, inbox } = ports;
  const now = await untilDone({ ...ports, signal }, () => store.end());
  await keepFollowing(
    { ...ports, log: store, after: now ?? null, types: ['PersonErased'], signal },
    async ({ events: erasures }) => {
      for (const { stream } of erasures) {
        const streams = [stream, signinStream(personOfStream(stream) ?? '')];
        const events = await Promise.all(streams.map((name) => store.read(name)));
        inbox.forget(new Set(events.flat().map(({ id }) => id)));
      }
    },
  );
}
