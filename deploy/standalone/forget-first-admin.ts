import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN_ROSTER, userStream } from '@rollbook/shared/contracts/streams';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';

export interface ForgetFirstAdminPorts {
  readonly dataDir: string;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** From then on the password in the file is another one than the account's, or there is no account. */
const TYPES = ['PasswordChanged', 'PasswordReset', 'PersonErased'];

/**
 * Deletes `first-admin.json` once the password of the first administrator was changed, also before this start. Ends
 * then, or by the signal; at once where there is no such file.
 */
export async function forgetFirstAdmin(
  { dataDir, store, clock, onFault }: ForgetFirstAdminPorts,
  signal: AbortSignal,
): Promise<void> {
  const file = join(dataDir, 'first-admin.json');
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  let after: Awaited<ReturnType<EventStore['end']>> = null;
  while (!signal.aborted) {
    try {
      for await (const page of store.follow({ after, filter: { types: TYPES }, signal, onFault })) {
        const first = page.events.length === 0 ? undefined : (await store.read(ADMIN_ROSTER, { limit: 1 }))[0];
        const userId = first?.data['userId'];
        const stream = typeof userId === 'string' ? userStream(userId) : null;
        if (page.events.some((event) => event.stream === stream)) {
          await rm(file, { force: true });
          return;
        }
        after = page.position;
      }
    } catch (fault) {
      onFault(fault);
      await clock.sleep(SECOND, signal);
    }
  }
}
