/** How a text is compared in a search: whatever its letter case and its compatibility forms. */
export const foldForSearch = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

/**
 * What `q` is searched in: each value behind a line feed, so that a pattern can demand the beginning of one. No value
 * holds a line feed itself. null: there is nothing to find.
 */
export const searchText = (values: readonly (string | null)[]): string | null => {
  const given = values.filter((value) => value !== null);
  return given.length === 0 ? null : given.map((value) => `\n${foldForSearch(value)}`).join('');
};
