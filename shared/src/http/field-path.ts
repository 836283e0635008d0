/** Longest field name in an error, in characters: it may be whatever the caller sent. */
const MAX_FIELD = 200;

/** A JSON path with dots; `body` for the whole of it. */
export const fieldOf = (path: readonly PropertyKey[], whole: string): string => {
  const field = path.map(String).join('.');
  if (field === '') return whole;
  return field.length > MAX_FIELD ? `${field.slice(0, MAX_FIELD)}…` : field;
};
