import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';

/** As for every other part of the profile. */
export const CHANGE_PICTURE = { who: 'person', may: 'change_users', over: 'changeable', self: 'always' } as const;

/** Whether this caller may set and remove this person's picture. */
export const refusePictureChange = (caller: Asking, person: Person): Rejection | null =>
  refusePerson(CHANGE_PICTURE, caller, targetOf(person));

/** A picture that is ready to be stored. */
export interface NewPicture {
  readonly id: string;
  readonly type: 'image/webp';
  /** SHA-256 of what will be served, in hex. */
  readonly digest: string;
}

/** The same picture again is no change. */
export const decideSetPicture = ({ view }: Person, { id, type, digest }: NewPicture): readonly AnyNewEvent[] =>
  view?.picture?.digest === digest ? [] : [{ type: 'PictureSet', data: { pictureId: id, type }, personal: { digest } }];

/** Where there is none, nothing changes. */
export const decideRemovePicture = ({ view }: Person): readonly AnyNewEvent[] =>
  view?.picture ? [{ type: 'PictureRemoved', data: { pictureId: view.picture.id }, personal: null }] : [];
