import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { UserResource } from '@rollbook/shared/contracts/user';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { searchStarts, searchText } from '@rollbook/shared/person/search-text';
import { evolveUser, type CurrentPicture, type UserView } from '@rollbook/shared/person/user-resource';

/** A row of `read_model.user_directory`, with times as RFC 3339 text. */
export interface UserRow extends Omit<UserResource, 'is_active'> {
  readonly email_canonical: string | null;
  /** What `q` is searched in. */
  readonly search: string | null;
  readonly search_starts: readonly string[] | null;
  readonly given_name: string | null;
  readonly picture: CurrentPicture | null;
  readonly revision: number;
  readonly sign_ins: number;
}

export const toRow = ({ user, revision, signIns, givenName, picture }: UserView): UserRow => {
  const { is_active: _derived, ...columns } = user;
  const email_canonical = user.email === null ? null : canonicalEmail(user.email);
  const searched = [user.username, user.name, user.email];
  const [search, search_starts] = [searchText(searched), searchStarts(searched)];
  return {
    ...columns,
    email_canonical,
    search,
    search_starts,
    given_name: givenName,
    picture,
    revision,
    sign_ins: signIns,
  };
};

export const toView = (row: UserRow): UserView => {
  const {
    email_canonical: _canonical,
    search: _search,
    search_starts: _starts,
    given_name,
    picture,
    revision,
    sign_ins,
    ...columns
  } = row;
  const user = { ...columns, is_active: row.status === 'active' };
  return { user, revision, signIns: sign_ins, givenName: given_name, picture };
};

/** What a person's events, in order, make of the row as it was (null: none). The same row again: nothing changed. */
export const evolveRow = (row: UserRow | null, ...life: readonly AnyEvent[]): UserRow | null => {
  const before = row && toView(row);
  const after = life.reduce(evolveUser, before);
  if (after === null || after === before) return row;
  return toRow(after);
};
