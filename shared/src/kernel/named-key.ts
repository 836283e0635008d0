import type { KeyObject } from 'node:crypto';

/** A secret with the id that everything made with it names. Lists of them: the first is the current one. */
export interface NamedSecret {
  readonly id: string;
  readonly secret: Buffer;
}

/** A key with its id (`kid` in a token's header). Lists of them: the first is the current one. */
export interface NamedKey {
  readonly id: string;
  readonly key: KeyObject;
}
