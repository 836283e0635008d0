import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Role } from '@rollbook/shared/contracts/roles';
import type { Person } from '@rollbook/shared/person/person.state';
import type { Roster, Unlisting } from './roster.state.ts';

/** What takes an administrator's grant away. */
export type Removal =
  { readonly kind: 'demotion'; readonly to: Role } | { readonly kind: 'deactivation' | 'erasure'; readonly to: null };

/**
 * The unlisting whose second half is missing: this person's current grant was unlisted, and what it was unlisted for
 * has not happened. null when there is none.
 */
export const halfDoneRemoval = (person: Person, roster: Roster): Unlisting | null => {
  if (person.existence !== 'registered' || person.role !== 'admin' || person.grantId === null) return null;
  const unlisting = roster.unlisted.get(person.grantId);
  if (!unlisting) return null;
  return unlisting.data.removal === 'deactivation' && person.status === 'deactivated' ? null : unlisting;
};

/** The person's event that completes a removal. */
export const removalEvent = ({ kind, to }: Removal, person: Person): AnyNewEvent => {
  if (kind === 'demotion')
    return { type: 'RoleChanged', data: { from: person.role, to, grantId: null }, personal: null };
  if (kind === 'deactivation') return { type: 'UserDeactivated', data: {}, personal: null };
  return erasureEvent(person);
};

/** Why somebody is erased shows whether they had asked for it themselves. */
export const erasureEvent = ({ erasure }: Person): AnyNewEvent => ({
  type: 'PersonErased',
  data: { reason: erasure?.confirmed === true ? 'requested' : 'by-administrator' },
  personal: null,
});

export const removalOf = ({ data }: Unlisting): Removal =>
  data.removal === 'demotion' ? { kind: 'demotion', to: data.to ?? 'user' } : { kind: data.removal, to: null };

/** Whether somebody else would stay listed without this grant. */
export const othersStay = ({ listed }: Roster, grantId: string): boolean =>
  [...listed.keys()].some((other) => other !== grantId);
