/**
 * The ETag of a person. Answers that show `last_login` count sign-ins too: those are in another stream, so that the
 * revision stays still while the person signs in.
 */
export const formatUserEtag = (revision: number, signIns?: number): string =>
  signIns === undefined ? `"${String(revision)}"` : `"${String(revision)}.${String(signIns)}"`;

/** The opaque tags of a list, or null when the header is no list of tags (RFC 9110, 8.8.3). */
const tagsOf = (header: string): readonly string[] | null => {
  const tags: string[] = [];
  const pattern = /\s*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)|\s*,|\s+$/gy;
  while (pattern.lastIndex < header.length) {
    const match = pattern.exec(header);
    if (match === null) return null;
    if (match[1] !== undefined) tags.push(match[1]);
  }
  return tags;
};

/**
 * Whether `If-Match` holds for a stream at `revision` (null: the resource is not there). Of each tag only the number
 * before the dot counts; `W/` is ignored, `*` means any. A header that is no list of tags holds for nothing.
 */
export const matchesIfMatch = (header: string | null, revision: number | null): boolean => {
  if (header === null) return true;
  if (revision === null) return false;
  if (header.trim() === '*') return true;
  return (tagsOf(header) ?? []).some((tag) => /^(\d{1,15})(?:\.\d+)?$/.exec(tag)?.[1] === String(revision));
};

/** Whether `If-None-Match` names exactly this ETag (weak comparison), so that the answer is 304. */
export const matchesIfNoneMatch = (header: string | null, etag: string): boolean => {
  if (header === null) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '').slice(1, -1);
  return (tagsOf(header) ?? []).includes(opaque);
};
