import { personOfStream, userStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { HOUR, MINUTE, SECOND, type Clock } from '@rollbook/shared/kernel/clock';
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

/** Looks at everything that is stored, or at what was stored in the last `within` ms. */
export const tidyAll = async (ports: TidyPicturesPorts, within?: number): Promise<void> => {
  for await (const page of ports.pictures.all(within))
    for (const [owner, stored] of Map.groupBy(page, (picture) => picture.owner)) await tidyPerson(ports, owner, stored);
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
  // From here on everything is seen as it happens; what was before, the look at all that is stored finds.
  const now = await firstAnswer(ports, onFault, signal, () => ports.log.end());
  await Promise.all([follow(ports, now ?? null, onFault, signal), sweepHourly(ports, onFault, signal)]);
};

const follow = async (
  ports: TidyPicturesPorts,
  from: Position | null,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  let after = from;
  while (!signal.aborted) {
    try {
      const filter = { types: MAKES_LEFTOVERS };
      for await (const page of ports.log.follow({ after, filter, signal, onFault })) {
        const owners = new Set(page.events.flatMap(({ stream }) => personOfStream(stream) ?? []));
        for (const owner of owners) await tidyPerson(ports, owner, await ports.pictures.of(owner));
        after = page.position;
      }
    } catch (fault) {
      onFault(fault);
      await ports.clock.sleep(SECOND, signal);
    }
  }
};

const sweepHourly = async (
  ports: TidyPicturesPorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  let lastBegan: number | null = null;
  while (!signal.aborted) {
    const began = ports.clock.now();
    // What was too young the last time is looked at again; two clocks may differ by some minutes.
    const within = lastBegan === null ? undefined : began - lastBegan + SURELY_OVER + 10 * MINUTE;
    const done = await tidyAll(ports, within).then(
      () => true,
      (fault: unknown) => {
        onFault(fault);
        return false;
      },
    );
    if (done) lastBegan = began;
    await ports.clock.sleep(done ? HOUR : MINUTE, signal);
  }
};

/** The first answer that is no fault; asked again every second, until the signal. */
const firstAnswer = async <Answer>(
  { clock }: TidyPicturesPorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> => {
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (fault) {
      onFault(fault);
      await clock.sleep(SECOND, signal);
    }
  }
  return undefined;
};
