import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { HOUR } from '@rollbook/shared/kernel/clock';
import { foldPerson } from '@rollbook/shared/person/person.state';
import type { StoredPicture } from '@rollbook/shared/pictures/picture-store';

/** ms; far longer than a command can take from storing a picture to its event. */
export const SURELY_OVER = HOUR;

/**
 * Which of a person's stored pictures are to be deleted, by all events of the person: everything once they are erased;
 * else what was replaced or removed, and what no event names after so long a time. A person who is not in the log keeps
 * everything: then the log is another one than the pictures belong to.
 */
export const leftovers = (events: readonly AnyEvent[], stored: readonly StoredPicture[]): readonly StoredPicture[] => {
  const { existence, view } = foldPerson(events);
  if (existence === 'erased') return stored;
  if (existence !== 'registered') return [];
  const named = new Set(events.flatMap((event) => (event.type === 'PictureSet' ? [event.data.pictureId] : [])));
  return stored.filter(({ id, age }) => id !== view?.picture?.id && (named.has(id) || age > SURELY_OVER));
};
