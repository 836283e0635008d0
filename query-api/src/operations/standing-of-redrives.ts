import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { OPERATIONS_STREAM } from '@rollbook/shared/contracts/streams';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { rethrow } from '../read-model/database-faults.ts';
import type { ReadModel } from '../read-model/read-model.ts';

/** The most that a query waits for the mailer, and between two looks, in ms. */
const WAIT = 2 * SECOND;
const LOOK = 50;

export interface StandingOfRedrivesParts {
  /** The projector's follower that acts on requests for parked events. */
  readonly redrive: Pick<ReadModel, 'reach'>;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly tokens: ConsistencyTokens;
}

/**
 * Waits until whoever acts on a request to try something again has done so, the projector and the mailer: before, the
 * answer could not show what the `Consistency-Token` of that request vouches for.
 */
export const standingOfRedrives = ({
  redrive,
  pool,
  clock,
  tokens,
}: StandingOfRedrivesParts): Pick<ReadModel, 'reach'> => ({
  async reach(token) {
    const reached = await redrive.reach(token);
    const point = token === null ? null : tokens.read(token);
    if (isRejection(reached) || point?.stream !== OPERATIONS_STREAM) return reached;
    const until = clock.now() + WAIT;
    for (let looks = 0; ; looks += 1) {
      if (await hasActed(pool, point.position)) return { ...reached, waited: reached.waited || looks > 0 };
      if (clock.now() >= until)
        return { ...reject('read_model_behind'), ...(reached.headers && { headers: reached.headers }) };
      await clock.sleep(LOOK);
    }
  },
});

const hasActed = async (pool: Pool, position: string): Promise<boolean> => {
  try {
    return (await pool.query('select from mailer.redrives where position >= $1 limit 1', [position])).rowCount === 1;
  } catch (fault) {
    return rethrow(fault);
  }
};
