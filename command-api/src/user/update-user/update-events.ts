import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { removalEvent } from '../../admin-roster/removal.decide.ts';
import type { Person } from '@rollbook/shared/person/person.state';
import type { UpdatePlan } from './update-user.decide.ts';

export interface UpdateFacts {
  readonly usernameClaimId: string | null;
  readonly usernameDigest: string | null;
  readonly emailClaimId: string | null;
  readonly emailDigest: string | null;
  readonly portal: string | null;
  /** The session that a change of the own address keeps. */
  readonly keptSessionId: string | null;
  /** For an administrator's new grant. */
  readonly grantId: string;
}

/** The events of a plan, a removal first. */
export const updateEvents = (target: Person, plan: UpdatePlan, facts: UpdateFacts): readonly AnyNewEvent[] => {
  const events: AnyNewEvent[] = [];
  const { removal } = plan;
  if (removal) events.push(removalEvent(removal, target));
  const fields = Object.keys(plan.profile) as (keyof UpdatePlan['profile'])[];
  if (fields.length > 0) events.push({ type: 'ProfileChanged', data: { fields }, personal: plan.profile });
  if (plan.username !== null && facts.usernameClaimId !== null && facts.usernameDigest !== null)
    events.push({
      type: 'UsernameChanged',
      data: { claimId: facts.usernameClaimId, usernameDigest: facts.usernameDigest },
      personal: { username: plan.username },
    });
  events.push(...emailEvents(target, plan, facts));
  if (plan.role !== null && removal?.kind !== 'demotion') {
    const grantId = plan.role === 'admin' ? facts.grantId : null;
    events.push({ type: 'RoleChanged', data: { from: target.role, to: plan.role, grantId }, personal: null });
  }
  if (plan.active === true) {
    const grantId = target.role === 'admin' && plan.role === null ? facts.grantId : null;
    events.push({ type: 'UserReactivated', data: { grantId }, personal: null });
  }
  if (plan.active === false && removal?.kind !== 'deactivation')
    events.push({ type: 'UserDeactivated', data: {}, personal: null });
  return events;
};

const emailEvents = (target: Person, { email, username }: UpdatePlan, facts: UpdateFacts): readonly AnyNewEvent[] => {
  const { portal, emailDigest, emailClaimId: claimId, keptSessionId } = facts;
  if (email === null || emailDigest === null) return [];
  const personal = {
    email: email.address,
    formerEmail: target.email ?? '',
    username: username ?? target.username ?? '',
  };
  if (email.how === 'request') return [{ type: 'EmailChangeRequested', data: { emailDigest, portal }, personal }];
  if (claimId === null) return [];
  return [{ type: 'EmailChanged', data: { claimId, emailDigest, requestId: null, portal, keptSessionId }, personal }];
};
