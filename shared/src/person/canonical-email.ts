import tr46 from 'tr46';

/** Changes only together with a migration of every claim: the version is part of each digest's input. */
export const CANONICAL_EMAIL_VERSION = '1';

/** RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets. */
const MAX_LENGTH = 254;
/** RFC 5321, 4.5.3.1.1. */
const MAX_LOCAL_LENGTH = 64;
/** `dot-atom` of RFC 5322, 3.2.3: no quoted form, no leading, trailing or doubled dot. */
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** At least two labels, the last not a number, so neither `localhost` nor an address of the network. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * The one form under which an address is unique: NFKC, lower case, NFKC again, domain by UTS 46 (ASCII form). Two
 * addresses are the same exactly when these are equal. null for what is no acceptable address: a local part that is
 * not ASCII after NFKC or is quoted, a trailing dot, a domain of one label, more than 254 characters.
 * canonical(canonical(x)) = canonical(x).
 */
export const canonicalEmail = (address: string): string | null => {
  if ([...address].length > MAX_LENGTH) return null;
  const folded = address.normalize('NFKC').toLowerCase().normalize('NFKC');
  const at = folded.lastIndexOf('@');
  const local = folded.slice(0, at);
  if (at < 1 || local.length > MAX_LOCAL_LENGTH || !DOT_ATOM.test(local)) return null;
  const domain = tr46.toASCII(folded.slice(at + 1), {
    checkBidi: true,
    checkHyphens: true,
    checkJoiners: true,
    useSTD3ASCIIRules: true,
    verifyDNSLength: true,
    transitionalProcessing: false,
  });
  if (domain === null || !HOST.test(domain)) return null;
  const canonical = `${local}@${domain}`;
  return canonical.length > MAX_LENGTH ? null : canonical;
};
