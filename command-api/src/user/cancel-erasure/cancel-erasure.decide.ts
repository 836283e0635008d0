import { refusePerson, type Asking } from '@rollbook/shared/contracts/access';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { targetOf, type Person } from '@rollbook/shared/person/person.state';

/** By the person, and by whoever decides about erasures. */
export const CANCEL_ERASURE = { who: 'person', may: 'erase_users', over: 'anybody', self: 'always' } as const;

/** Whether this caller may take this person's request to be erased back. */
export const refuseCancel = (caller: Asking, person: Person): Rejection | null =>
  refusePerson(CANCEL_ERASURE, caller, targetOf(person));

/** Takes an open request back, confirmed or not. 404 where there is none. */
export const decideCancelErasure = (person: Person): readonly AnyNewEvent[] | Rejection =>
  person.erasure === null ? reject('not_found') : [{ type: 'ErasureCancelled', data: {}, personal: null }];
