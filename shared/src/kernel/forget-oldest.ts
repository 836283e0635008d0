/** A Map or a Set. */
interface Entries<Key> {
  readonly size: number;
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/** Bounds entries: of more than `most` the one goes that was put in first. Gives its key; undefined where all may stay. */
export const forgetOldest = <Key>(entries: Entries<Key>, most: number): Key | undefined => {
  if (entries.size <= most) return undefined;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
  return oldest;
};
