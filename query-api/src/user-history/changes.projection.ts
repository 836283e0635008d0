import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { UserResource } from '@rollbook/shared/contracts/user';
import { canonicalJson, type Json } from '@rollbook/shared/kernel/json';
import { evolveUser, NOTHING_PERSONAL, type UserView } from '@rollbook/shared/person/user-resource';
import { ERASED, type Change } from './history.schema.ts';

type Field = keyof UserResource;

/** What the entry itself says: whose it is, and when. */
const OF_THE_ENTRY: ReadonlySet<string> = new Set<Field>(['id', 'created_at', 'updated_at']);
const WITH_PASSWORD: ReadonlySet<string> = new Set(['PasswordChanged', 'PasswordReset', 'InvitationAccepted']);
const IN_PROFILE = {
  name: 'name',
  firstName: 'first_name',
  lastName: 'last_name',
  phone: 'phone',
  preferences: 'preferences',
} as const;

/** An event of the person's own stream, and what it changed. */
export interface Changed {
  readonly event: AnyEvent;
  readonly changes: readonly Change[];
}

/**
 * What every event of a person's own stream changed, in its order: the difference that it makes to the person, by the
 * function that makes the person. Of somebody erased only the names of personal fields are known.
 */
export const changesOf = (own: readonly AnyEvent[]): readonly Changed[] => {
  const erased = own.some(({ type }) => type === 'PersonErased');
  let before: UserView | null = null;
  return own.map((event) => {
    const after = evolveUser(before, erased ? withoutPersonal(event) : event);
    const changes = [...difference(before, after, erased), ...unseen(event, before), ...(erased ? lost(event) : [])];
    before = after;
    return { event, changes };
  });
};

/** As it reads once the key is destroyed, which may be a moment after the erasure stands in the log. */
const withoutPersonal = (event: AnyEvent): AnyEvent => ({ ...event, personal: null });

const same = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);

const difference = (before: UserView | null, after: UserView | null, erased: boolean): readonly Change[] =>
  Object.entries(after?.user ?? {}).flatMap(([field, value]) => {
    const former = before?.user[field as Field] ?? null;
    const unknown = erased && field in NOTHING_PERSONAL && field !== 'picture_url';
    if (OF_THE_ENTRY.has(field) || unknown || same(former, value)) return [];
    return [{ field, before: former, after: value }];
  });

/** What changed though the person looks the same: a password, which nobody is shown, and a picture in its old place. */
const unseen = (event: AnyEvent, before: UserView | null): readonly Change[] => {
  const password = WITH_PASSWORD.has(event.type) || (event.type === 'UserRegistered' && event.data.hasPassword);
  if (password) return [{ field: 'password', before: null, after: null }];
  const url = before?.user.picture_url ?? null;
  return event.type === 'PictureSet' && url !== null ? [{ field: 'picture_url', before: url, after: url }] : [];
};

/** Personal fields that an event must have changed, whatever they were. */
const lost = (event: AnyEvent): readonly Change[] => {
  const begins = (field: Field): Change => ({ field, before: null, after: ERASED });
  const changes = (field: Field): Change => ({ field, before: ERASED, after: ERASED });
  const ends = (field: Field): Change => ({ field, before: ERASED, after: null });
  switch (event.type) {
    case 'UserRegistered':
      return (['username', 'email', 'name'] as const).map(begins);
    case 'ProfileChanged':
      return event.data.fields.map((field) => changes(IN_PROFILE[field]));
    case 'UsernameChanged':
      return [changes('username')];
    case 'EmailChangeRequested':
      return [changes('pending_email')];
    case 'EmailChanged':
      return [changes('email')];
    case 'PersonErased':
      return (['username', 'email', 'name'] as const).map(ends);
    default:
      return [];
  }
};
