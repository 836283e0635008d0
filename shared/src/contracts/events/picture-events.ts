import { z } from 'zod';
import { defineEvent } from '../define-event.ts';

const uuid = z.uuid();

/**
 * The person has this picture from now on. Its bytes were stored before, under `pictureId` and sealed under the
 * person's key; the one that they had before is deleted.
 */
export const PictureSet = defineEvent('PictureSet', 1, {
  data: { pictureId: uuid, type: z.literal('image/webp') },
  /** SHA-256 of the picture as it is served, in hex. Sealed, because it would tell who somebody is by their picture. */
  personal: { digest: z.string() },
});

/** The person has no picture any more; its bytes are deleted. */
export const PictureRemoved = defineEvent('PictureRemoved', 1, { data: { pictureId: uuid } });

export const PICTURE_EVENTS = [PictureSet, PictureRemoved] as const;
