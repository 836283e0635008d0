import type { AnyEvent } from '../contracts/events/all-events.ts';
import { signinStream } from '../contracts/streams.ts';
import type { EventLog } from '../event-log/event-log.ts';

// The last sign-in mostly is among the newest events; where many refusals stand behind it, few reads must do.
const FIRST_PAGE = 20;
const PAGE = 500;

/** The newest sign-in of a person that counts, or null; `before`: only below that revision. Throws StoreUnavailable. */
export const lastSignIn = async (
  log: Pick<EventLog, 'read'>,
  userId: string,
  counts: (event: AnyEvent) => boolean,
  before?: number,
): Promise<AnyEvent | null> => {
  if (before === 0) return null;
  let from = before === undefined ? undefined : before - 1;
  let limit = FIRST_PAGE;
  for (;;) {
    const page = { direction: 'backwards', limit, ...(from === undefined ? {} : { from }) } as const;
    const { events } = await log.read(signinStream(userId), page);
    const found = events.find((event) => event.type === 'SignedIn' && counts(event));
    const oldest = events.at(-1);
    if (found || !oldest || oldest.revision === 0) return found ?? null;
    [from, limit] = [oldest.revision - 1, PAGE];
  }
};
