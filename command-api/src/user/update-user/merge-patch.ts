import type { UserResource } from '@rollbook/shared/contracts/user';

type Preferences = NonNullable<UserResource['preferences']>;
type Value = Preferences[string];

const isObject = (value: Value | undefined): value is Preferences =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396: members of `patch` replace those of `target`, objects member by member; null takes a member away. */
export const mergePatch = (target: Preferences, patch: Preferences): Preferences => {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isObject(value)) merged.set(key, mergePatch(isObject(before) ? before : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
};
