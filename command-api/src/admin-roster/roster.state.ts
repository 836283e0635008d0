import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';

export type Unlisting = Extract<AnyEvent, { type: 'AdminUnlisted' }>;

/** Who counts as an administrator that can sign in: the fold of `adminroster`. */
export interface Roster {
  /** grantId → userId */
  readonly listed: ReadonlyMap<string, string>;
  /** grantId → the event that unlisted it; none of them is ever listed again. */
  readonly unlisted: ReadonlyMap<string, Unlisting>;
}

export const foldRoster = (events: readonly AnyEvent[]): Roster => {
  const listed = new Map<string, string>();
  const unlisted = new Map<string, Unlisting>();
  for (const event of events) {
    if (event.type === 'AdminListed' && !unlisted.has(event.data.grantId))
      listed.set(event.data.grantId, event.data.userId);
    if (event.type === 'AdminUnlisted' && !unlisted.has(event.data.grantId)) {
      listed.delete(event.data.grantId);
      unlisted.set(event.data.grantId, event);
    }
  }
  return { listed, unlisted };
};
