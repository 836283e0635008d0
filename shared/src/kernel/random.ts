/** Where chance comes from. Only `main.ts` chooses an implementation, so that a simulation can repeat itself. */
export interface Random {
  /** `size` bytes nobody can guess. */
  bytes(size: number): Buffer;
  /** A random UUID (RFC 9562, version 4). */
  uuid(): string;
  /** A number in [0, 1), for jitter; not for secrets. */
  fraction(): number;
}
