import { refuseCaller, type Asking } from '@rollbook/shared/contracts/access';
import type { EventOf } from '@rollbook/shared/contracts/define-event';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { RedriveRequested } from '@rollbook/shared/contracts/events/operations-events';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

export const OPERATE = { who: 'permitted', may: 'operate' } as const;

/** Whether this caller may look after the service. */
export const refuseOperator = (caller: Pick<Asking, 'role'>): Rejection | null => refuseCaller(OPERATE, caller);

/** What is to be tried again. */
export type Stopped = EventOf<typeof RedriveRequested>['data'];

/** `standing`: whether it stands still now. What does not is none of an administrator's business. */
export const decideRedrive = (
  caller: Pick<Asking, 'role'>,
  { what, id }: Stopped,
  standing: boolean,
): readonly AnyNewEvent[] | Rejection => {
  const refused = refuseOperator(caller);
  if (refused) return refused;
  return standing ? [{ type: 'RedriveRequested', data: { what, id }, personal: null }] : reject('not_found');
};
