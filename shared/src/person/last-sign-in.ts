import type { AnyEvent } from '../contracts/events/all-events.ts';
import { signinStream } from '../contracts/streams.ts';
import type { EventLog } from '../event-log/event-log.ts';

// The last sign-in mostly is among the newest events; where many refusals stand behind it, few reads must do.
const FIRST_PAGE = 20;
const PAGE = 500;

/** The newest sign-in of a person that counts, or null. Throws StoreUnavailable. */
export const lastSignIn = async (
  log: Pick<EventLog, 'read'>,
  userId: string,
  counts: (event: AnyEvent) => boolean,
): Promise<AnyEvent | null> => {
  let from: number | undefined;
  for (;;) {
    const page = from === undefined ? { limit: FIRST_PAGE } : { limit: PAGE, from };
    const { events } = await log.read(signinStream(userId), { direction: 'backwards', ...page });
    const found = events.find((event) => event.type === 'SignedIn' && counts(event));
    const oldest = events.at(-1);
    if (found || !oldest || oldest.revision === 0) return found ?? null;
    from = oldest.revision - 1;
  }
};
