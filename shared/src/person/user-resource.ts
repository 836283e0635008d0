import type { AnyEvent } from '../contracts/events/all-events.ts';
import { idInStream } from '../contracts/streams.ts';
import type { UserResource } from '../contracts/user.ts';

/** The picture that a person has now. */
export interface CurrentPicture {
  readonly id: string;
  readonly type: string;
  /** SHA-256 in hex; null once the person's key is destroyed. */
  readonly digest: string | null;
}

/** A person as everybody sees them, with what their ETag is made of. */
export interface UserView {
  readonly user: UserResource;
  /** Revision of the person's own stream. */
  readonly revision: number;
  /** How many sign-ins stand in the person's sign-in stream. */
  readonly signIns: number;
  /** `name` as it was given; the resource shows the default where it is null. */
  readonly givenName: string | null;
  readonly picture: CurrentPicture | null;
}

/** The display name: as given, else first and last name, else the username. */
export const displayName = (
  given: string | null,
  first: string | null,
  last: string | null,
  username: string | null,
): string | null => {
  if (given !== null) return given;
  const parts = [first, last].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' ') : username;
};

const touch = (view: UserView, event: AnyEvent, change: Partial<UserResource>): UserView => {
  const user = { ...view.user, ...change, updated_at: event.recordedAt };
  return { ...view, user: { ...user, is_active: user.status === 'active' } };
};

/**
 * What an event of a person's `user-` or `signin-` stream makes of the person. Never fails; ignores what it does not
 * know. null: there is no such person (yet).
 */
export const evolveUser = (view: UserView | null, event: AnyEvent): UserView | null => {
  if (event.stream.startsWith('signin-')) return view && evolveSignIns(view, event);
  const next = evolveOwn(view, event);
  return next && { ...next, revision: event.revision };
};

const evolveSignIns = (view: UserView, event: AnyEvent): UserView =>
  event.type === 'SignedIn'
    ? { ...view, signIns: view.signIns + 1, user: { ...view.user, last_login: event.recordedAt } }
    : view;

const evolveOwn = (view: UserView | null, event: AnyEvent): UserView | null => {
  if (event.type === 'UserRegistered') return registered(event);
  if (view === null) return null;
  switch (event.type) {
    case 'EmailVerified':
      return touch(view, event, {
        email_verified: true,
        status: view.user.status === 'pending' ? 'active' : view.user.status,
      });
    case 'RoleChanged':
      return touch(view, event, { role: event.data.to });
    case 'ProfileChanged':
      return profileChanged(view, event);
    case 'UsernameChanged':
      return named(touch(view, event, { username: event.personal?.username ?? null }));
    case 'EmailChangeRequested':
      return touch(view, event, { pending_email: event.personal?.email ?? null });
    case 'EmailChanged':
      return touch(view, event, {
        email: event.personal?.email ?? null,
        pending_email: null,
        email_verified: event.data.requestId !== null,
      });
    case 'UserDeactivated':
      return touch(view, event, { status: 'deactivated' });
    case 'UserReactivated':
      return touch(view, event, { status: 'active' });
    case 'PictureSet':
      return pictureSet(view, event);
    case 'PictureRemoved':
      return { ...touch(view, event, { picture_url: null }), picture: null };
    case 'PasswordReset':
      return mailboxProved(view, event);
    case 'InvitationAccepted':
      return touch(view, event, { email_verified: true, status: 'active' });
    case 'PersonErased':
      return { ...touch(view, event, ERASED), givenName: null, picture: null };
    default:
      return view;
  }
};

/** The display name follows the names that it is made of. */
const named = (view: UserView): UserView => {
  const { first_name: first, last_name: last, username } = view.user;
  return { ...view, user: { ...view.user, name: displayName(view.givenName, first, last, username) } };
};

const profileChanged = (view: UserView, event: Extract<AnyEvent, { type: 'ProfileChanged' }>): UserView => {
  const values = event.personal;
  if (values === null) return touch(view, event, {});
  const { first_name: first, last_name: last, phone, preferences } = view.user;
  const changed = touch(view, event, {
    first_name: values.firstName === undefined ? first : values.firstName,
    last_name: values.lastName === undefined ? last : values.lastName,
    phone: values.phone === undefined ? phone : values.phone,
    preferences: values.preferences ?? preferences,
  });
  return named({ ...changed, givenName: values.name === undefined ? view.givenName : values.name });
};

/** A path, the same for every picture of the person; the ETag tells one from the next. */
const pictureSet = (view: UserView, event: Extract<AnyEvent, { type: 'PictureSet' }>): UserView => ({
  ...touch(view, event, { picture_url: `/v1/users/${view.user.id}/picture` }),
  picture: { id: event.data.pictureId, type: event.data.type, digest: event.personal?.digest ?? null },
});

/** Whoever reads the mailbox owns the account; what a stranger wrote into a pending one is not theirs. */
const mailboxProved = (view: UserView, event: AnyEvent): UserView => {
  const cleared = {
    first_name: null,
    last_name: null,
    phone: null,
    preferences: {},
    picture_url: null,
    status: 'active',
  } as const;
  if (view.user.status !== 'pending') return touch(view, event, { email_verified: true });
  return named({ ...touch(view, event, { email_verified: true, ...cleared }), givenName: null, picture: null });
};

/** All that tells who somebody is. */
export const NOTHING_PERSONAL = {
  username: null,
  email: null,
  pending_email: null,
  name: null,
  first_name: null,
  last_name: null,
  phone: null,
  preferences: null,
  picture_url: null,
} as const satisfies Partial<UserResource>;

const ERASED = { status: 'erased', ...NOTHING_PERSONAL } as const;

const registered = (event: Extract<AnyEvent, { type: 'UserRegistered' }>): UserView => {
  const personal = event.personal;
  const status = event.data.via === 'self' ? 'pending' : 'active';
  const first = personal?.firstName ?? null;
  const last = personal?.lastName ?? null;
  const username = personal?.username ?? null;
  return {
    revision: event.revision,
    signIns: 0,
    givenName: personal?.name ?? null,
    picture: null,
    user: {
      id: idInStream(event.stream),
      username,
      email: personal?.email ?? null,
      email_verified: false,
      pending_email: null,
      name: displayName(personal?.name ?? null, first, last, username),
      first_name: first,
      last_name: last,
      phone: personal?.phone ?? null,
      role: event.data.role,
      status,
      is_active: status === 'active',
      preferences: personal?.preferences ?? null,
      picture_url: null,
      created_at: event.recordedAt,
      updated_at: event.recordedAt,
      last_login: null,
    },
  };
};
