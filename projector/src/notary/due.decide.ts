import { fromInstant, SECOND } from '@rollbook/shared/kernel/clock';

/** When a checkpoint is signed. */
export interface SealingRule {
  /** ms after the oldest event that none covers. */
  readonly every: number;
  /** Events that none covers; more than `SEALING.most` are not looked at, so a greater number means never. */
  readonly most: number;
}

/** What is promised is 60 s; what is left is for the way through the index, and for a copy that takes over. */
export const SEALING: SealingRule = { every: 50 * SECOND, most: 1_000 };

/** What the newest checkpoint does not cover; checkpoints do not count. */
export interface Unsealed {
  readonly events: number;
  /** RFC 3339; null: none. */
  readonly oldest: string | null;
  /** Whether somebody waits for a seal: an export of everything begins with one. */
  readonly exported: boolean;
}

/** `noticedAt`: since when (ms since 1970) this process knows of something unsealed: a writer's clock may be ahead. */
export const isDue = (unsealed: Unsealed, rule: SealingRule, now: number, noticedAt: number): boolean => {
  if (unsealed.events === 0) return false;
  const since = unsealed.oldest === null ? noticedAt : Math.min(noticedAt, fromInstant(unsealed.oldest));
  return unsealed.exported || unsealed.events >= rule.most || now - since >= rule.every;
};
