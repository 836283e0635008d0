import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { NewEventOf } from '@rollbook/shared/contracts/define-event';
import type { UserRegistered } from '@rollbook/shared/contracts/events/person-events';
import { refuseCaller } from '@rollbook/shared/contracts/access';
import { MAY_CREATE } from '@rollbook/shared/contracts/permissions';
import type { Role } from '@rollbook/shared/contracts/roles';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

/** Who registers the person: nobody signed in, somebody signed in, or the system (the first administrator). */
export type Registrar =
  { readonly kind: 'self' } | { readonly kind: 'system' } | { readonly kind: 'staff'; readonly role: Role };

/** Anyone registers themselves. */
export const CREATE_USER = { who: 'permitted', may: 'create_users', strangers: true } as const;

/** Whether this registrar may create an account of this role. */
export const refuseRegistrar = (registrar: Registrar, role: Role): Rejection | null => {
  if (registrar.kind === 'system') return null;
  if (registrar.kind === 'self') return role === 'user' ? null : reject('forbidden', roleDetail(role));
  const refused = refuseCaller(CREATE_USER, registrar);
  if (refused) return refused;
  return MAY_CREATE[registrar.role].includes(role) ? null : reject('forbidden', roleDetail(role));
};

const roleDetail = (role: Role): Pick<Rejection, 'details'> => ({
  details: [{ field: 'role', code: 'forbidden', message: `You may not create an account of the role ${role}.` }],
});

export interface RegistrationFacts {
  readonly registrar: Registrar;
  readonly role: Role;
  readonly personal: NewEventOf<typeof UserRegistered>['personal'];
  readonly emailClaimId: string;
  readonly usernameClaimId: string;
  readonly emailDigest: string;
  readonly usernameDigest: string;
  readonly portal: string | null;
  /** For an administrator's account: the id of the grant. */
  readonly grantId: string;
}

/**
 * The events of a registration whose names are held. An administrator begins as a user and is granted the role in the
 * same append: a grant always is a RoleChanged.
 */
export const decideRegistration = (facts: RegistrationFacts): readonly AnyNewEvent[] => {
  const { registrar, role, personal, emailDigest, portal } = facts;
  const { email, username, passwordHash } = personal;
  const events: AnyNewEvent[] = [
    {
      type: 'UserRegistered',
      data: {
        via: registrar.kind === 'self' ? 'self' : 'staff',
        role: role === 'admin' ? 'user' : role,
        emailClaimId: facts.emailClaimId,
        usernameClaimId: facts.usernameClaimId,
        emailDigest,
        usernameDigest: facts.usernameDigest,
        hasPassword: passwordHash !== null,
      },
      personal,
    },
  ];
  if (role === 'admin')
    events.push({ type: 'RoleChanged', data: { from: 'user', to: 'admin', grantId: facts.grantId }, personal: null });
  if (registrar.kind === 'system') return events;
  if (passwordHash === null)
    events.push({ type: 'InvitationRequested', data: { portal, emailDigest }, personal: { email, username } });
  else
    events.push({
      type: 'EmailVerificationRequested',
      data: { withRejection: registrar.kind === 'self', portal, emailDigest },
      personal: { email, username },
    });
  return events;
};
