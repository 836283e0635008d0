import type { Clock } from '../kernel/clock.ts';
import type { NamedSecret } from '../kernel/named-key.ts';
import type { Pool } from '../sql/pool.ts';
import { PostgresRequestLimits } from './postgres-request-limits.ts';
import { RequestCounter } from './request-counter.ts';
import type { RequestLimits } from './request-limits.ts';

export interface ConnectRequestLimitsParts {
  /** One count for all services of this process; without it, one that is settled with other processes. */
  readonly ofProcess: RequestLimits | undefined;
  readonly config: {
    readonly RATE_LIMIT_PER_HOUR: number;
    readonly RATE_LIMIT_ANONYMOUS_PER_HOUR: number;
    readonly MASTER_KEY: readonly NamedSecret[];
  };
  readonly pool: Pool;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export interface ConnectedRequestLimits {
  readonly counter: RequestCounter;
  /** Settles until the signal, and once more. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export const connectRequestLimits = (parts: ConnectRequestLimitsParts): ConnectedRequestLimits => {
  const { ofProcess, config } = parts;
  const shared = new PostgresRequestLimits(parts);
  const counter = new RequestCounter({
    limits: ofProcess ?? shared,
    masterKeys: config.MASTER_KEY,
    perHour: config.RATE_LIMIT_PER_HOUR,
    anonymousPerHour: config.RATE_LIMIT_ANONYMOUS_PER_HOUR,
  });
  return { counter, run: (signal) => (ofProcess ? Promise.resolve() : shared.run(signal)) };
};
