const LONGEST_BASE = 40;

/**
 * Usernames to try, in this order, when none was given: the email's local part, then the same with a suffix that comes
 * from the command id, so every execution of the command tries the same ones.
 */
export const derivedUsernames = (canonicalEmail: string, commandId: string): readonly string[] => {
  const local = canonicalEmail.slice(0, canonicalEmail.lastIndexOf('@'));
  const cleaned = local
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, LONGEST_BASE)
    .replace(/^[-_]+|[-_]+$/g, '');
  const base = cleaned.length >= 3 ? cleaned : `user${cleaned === '' ? '' : `-${cleaned}`}`;
  const hex = commandId.replaceAll('-', '');
  return [base, `${base}-${hex.slice(0, 4)}`, `${base}-${hex.slice(4, 12)}`];
};
