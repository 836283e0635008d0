import { personOfStream, signinStream } from '@rollbook/shared/contracts/streams';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Inbox } from './inbox.ts';

export interface ForgetErasedPorts {
  readonly store: EventStore;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** Takes the mails to whoever is erased out of the inbox, until the signal. The inbox begins empty, so from now on. */
export async function forgetErased(
  { store, inbox, clock, onFault }: ForgetErasedPorts,
  signal: AbortSignal,
): Promise<void> {
  let after = await store.end();
  while (!signal.aborted) {
    try {
      for await (const page of store.follow({ after, filter: { types: ['PersonErased'] }, signal, onFault })) {
        for (const { stream } of page.events) {
          const streams = [stream, signinStream(personOfStream(stream) ?? '')];
          const events = await Promise.all(streams.map((name) => store.read(name)));
          inbox.forget(new Set(events.flat().map(({ id }) => id)));
        }
        after = page.position;
      }
    } catch (fault) {
      onFault(fault);
      await clock.sleep(SECOND, signal);
    }
  }
}
