/** How a text is compared in a search: whatever its letter case and its compatibility forms. */
export const foldForSearch = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

/** Up to this many characters a search looks only at the beginning of a value. */
export const LONGEST_START = 2;

/** The beginnings by which a value is found, each once. null: there is nothing to find. */
export const searchStarts = (values: readonly (string | null)[]): readonly string[] | null => {
  const given = values.filter((value) => value !== null).map((value) => [...foldForSearch(value)]);
  if (given.length === 0) return null;
  const sizes = Array.from({ length: LONGEST_START }, (_none, index) => index + 1);
  return [...new Set(given.flatMap((letters) => sizes.map((size) => letters.slice(0, size).join(''))))].sort();
};

/** What a longer `q` is searched in: each value behind a line feed, which no value holds itself. null: nothing. */
export const searchText = (values: readonly (string | null)[]): string | null => {
  const given = values.filter((value) => value !== null);
  return given.length === 0 ? null : given.map((value) => `\n${foldForSearch(value)}`).join('');
};
