import { reject, type Rejection } from '../contracts/rejections.ts';
import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';

/** Resolves when the part is there, throws when it is not. Told to give up by the signal. */
export type HealthCheck = (signal: AbortSignal) => Promise<void>;

/** A part without which a service still answers most: it is told when it is down, but the service stays ready. */
export interface OptionalCheck {
  readonly optional: HealthCheck;
}

/** What a service needs in order to answer, by name. */
export type HealthChecks = Readonly<Record<string, HealthCheck | OptionalCheck>>;

/** Longest time for one check, in milliseconds. */
const CHECK_MS = 1_000;

/** Told why a part does not answer; the caller of the health endpoint hears only its name. */
export type OnDown = (part: string, fault: unknown) => void;

const runCheck = async (check: HealthCheck, clock: Clock, onFault: (fault: unknown) => void): Promise<boolean> => {
  const limit = new AbortController();
  const late = clock.sleep(CHECK_MS, limit.signal).then(() => false);
  try {
    return await Promise.race([check(limit.signal).then(() => true), late]);
  } catch (fault) {
    onFault(fault);
    return false;
  } finally {
    limit.abort();
  }
};

/**
 * Asks all parts at once. A part that fails or is silent for a second is named, and makes the service not ready unless
 * it is an optional one.
 */
export const readiness = async (
  checks: HealthChecks,
  clock: Clock,
  onDown?: OnDown,
): Promise<JsonObject | Rejection> => {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const optional = typeof check !== 'function';
      const up = await runCheck(optional ? check.optional : check, clock, (fault) => onDown?.(name, fault));
      return { name, optional, up };
    }),
  );
  const down = results.filter(({ up, optional }) => !up && !optional);
  if (down.length > 0) {
    return reject('unavailable', {
      details: down.map(({ name }) => ({ field: name, code: 'down', message: 'does not answer' })),
    });
  }
  return { status: 'ready', checks: Object.fromEntries(results.map(({ name, up }) => [name, up ? 'up' : 'down'])) };
};
