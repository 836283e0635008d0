import { personOfStream, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { keepFollowing } from '@rollbook/shared/event-log/keep-following';
import { HOUR, MINUTE, type Clock } from '@rollbook/shared/kernel/clock';
import { repeat, untilDone } from '@rollbook/shared/kernel/repeat';
import type { PictureStore, StoredPicture } from '@rollbook/shared/pictures/picture-store';
import { leftovers, SURELY_OVER } from './leftovers.decide.ts';

export interface TidyPicturesPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly pictures: PictureStore;
}

/** After these a stored picture may be no longer the current one. */
const MAKES_LEFTOVERS = ['PictureSet', 'PictureRemoved', 'PasswordReset', 'PersonErased'];

/** Deletes what is left over of one person's pictures. Done twice it is done once. */
export const tidyPerson = async (
  { log, pictures }: TidyPicturesPorts,
  owner: string,
  stored: readonly StoredPicture[],
): Promise<void> => {
  if (stored.length === 0) return;
  const { events } = await log.read(userStream(owner));
  await pictures.remove(leftovers(events, stored));
};

/** Looks at everything that is stored, or at what was stored in the last `within` ms; stops early at the signal. */
export const tidyAll = async (ports: TidyPicturesPorts, within?: number, signal?: AbortSignal): Promise<void> => {
  for await (const page of ports.pictures.all(within))
    for (const [owner, stored] of Map.groupBy(page, (picture) => picture.owner)) {
      if (signal?.aborted) return;
      await tidyPerson(ports, owner, stored);
    }
};

/**
 * Deletes pictures that nobody has any more, until the signal: at once when the log says so; and, for what was missed
 * while nothing ran or what a command left behind, all at the start and the young ones every hour. Never rejects.
 */
export const tidyPictures = async (
  ports: TidyPicturesPorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { log, clock, pictures } = ports;
  const trying = { clock, onFault, signal };
  // From here on everything is seen as it happens; what was before, the look at all that is stored finds.
  const now = await untilDone(trying, () => log.end());
  const following = keepFollowing(
    { ...trying, log, after: now ?? null, types: MAKES_LEFTOVERS },
    async ({ events }) => {
      const owners = new Set(events.flatMap(({ stream }) => personOfStream(stream) ?? []));
      for (const owner of owners) await tidyPerson(ports, owner, await pictures.of(owner));
    },
  );
  let lastBegan: number | null = null;
  const sweeping = repeat(trying, async () => {
    const began = clock.now();
    // What was too young the last time is looked at again; two clocks may differ by some minutes.
    const within = lastBegan === null ? undefined : began - lastBegan + SURELY_OVER + 10 * MINUTE;
    await tidyAll(ports, within, signal);
    lastBegan = began;
    return HOUR;
  });
  await Promise.all([following, sweeping]);
};
