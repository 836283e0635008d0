/** What stands in a `Cookie` header under a name: every value, since a name may be there more than once. */
export const cookieValues = (header: string | null, name: string): readonly string[] =>
  (header ?? '').split(';').flatMap((pair) => {
    const mark = pair.indexOf('=');
    return mark !== -1 && pair.slice(0, mark).trim() === name ? [pair.slice(mark + 1).trim()] : [];
  });

export interface Cookie {
  readonly name: string;
  /** Characters that need no quoting (RFC 6265, 4.1.1). Empty: the browser forgets the cookie. */
  readonly value: string;
  /** Seconds; 0 to forget it. */
  readonly maxAge: number;
  /** Only over https. */
  readonly secure: boolean;
}

/** A `Set-Cookie` header: for the whole of this origin, out of reach of its scripts and of other sites. */
export const setCookie = ({ name, value, maxAge, secure }: Cookie): string =>
  `${name}=${value}; Path=/; Max-Age=${String(maxAge)}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
