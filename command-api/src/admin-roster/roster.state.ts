import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';

/** Who counts as an administrator that can sign in: the fold of `adminroster`. */
export interface Roster {
  /** grantId → userId */
  readonly listed: ReadonlyMap<string, string>;
  /** Grants that were unlisted; none of them is ever listed again. */
  readonly unlisted: ReadonlySet<string>;
}

export const foldRoster = (events: readonly AnyEvent[]): Roster => {
  const listed = new Map<string, string>();
  const unlisted = new Set<string>();
  for (const event of events) {
    if (event.type === 'AdminListed' && !unlisted.has(event.data.grantId))
      listed.set(event.data.grantId, event.data.userId);
    if (event.type === 'AdminUnlisted') {
      listed.delete(event.data.grantId);
      unlisted.add(event.data.grantId);
    }
  }
  return { listed, unlisted };
};
