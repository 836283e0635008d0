import { MINUTE, SECOND } from '@rollbook/shared/kernel/clock';

/** After so many attempts a mail goes to the dead letters: with these delays, after about 7 hours. */
export const MOST_ATTEMPTS = 36;

/**
 * Milliseconds until the next attempt after `attempt` failed: doubling from 1 s to 15 min, up to a quarter more by
 * `fraction` (in [0, 1)), so that many mails do not come back at once.
 */
export const retryDelay = (attempt: number, fraction: number): number =>
  Math.min(SECOND * 2 ** Math.min(attempt - 1, 20), 15 * MINUTE) * (1 + fraction / 4);
