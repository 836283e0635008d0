import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { Person } from '@rollbook/shared/person/person.state';

/** Whether a registration was never verified and its time (`pendingTtl`, ms) is over: then it may be expired. */
export const isOverdue = (person: Person, now: number, pendingTtl: number): boolean =>
  person.existence === 'registered' &&
  person.status === 'pending' &&
  person.registeredAt !== null &&
  fromInstant(person.registeredAt) + pendingTtl <= now;
