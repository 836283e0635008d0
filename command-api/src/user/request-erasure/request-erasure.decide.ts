import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';

/** Only for oneself. */
export const REQUEST_ERASURE = { who: 'self' } as const;

/** Whether this caller may ask for this person's erasure. */
export const refuseRequest = (caller: Asking, person: Person): Rejection | null =>
  refusePerson(REQUEST_ERASURE, caller, targetOf(person));

/** A mail asks to confirm; the link of an older one is worth nothing from then on. A confirmed request stays as it is. */
export const decideRequestErasure = (person: Person, portal: string | null): readonly AnyNewEvent[] | Rejection => {
  const { email, username, emailDigest } = person;
  if (email === null || username === null || emailDigest === null) return reject('not_found');
  if (person.erasure?.confirmed === true) return [];
  return [{ type: 'ErasureRequested', data: { portal, emailDigest }, personal: { email, username } }];
};
