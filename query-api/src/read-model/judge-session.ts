import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { TokenClaims } from '@rollbook/shared/person/ending-memory';
import type { Pool } from '@rollbook/shared/sql/pool';
import { rethrow } from './database-faults.ts';

/** What the read model of sessions says of one: `unknown` where it may not have heard of it yet. */
export type SessionVerdict = 'open' | 'ended' | 'unknown';

// A session that is not among the open ones has ended, unless the read model was last complete before the token was
// made (a minute for clocks that differ), or waits for an event of this person.
const JUDGE = `select
    exists (select from read_model.user_sessions s where s.id = $1 and s.user_id = $2 and s.ver = $3) as open,
    exists (select from read_model.user_session_endings e
      where e.user_id = $2 and e.revision > $3 and e.kept_session_id is distinct from $1) as ended,
    exists (select from read_model.parked_events e
      where e.name = p.name and e.version = p.version and e.person = $2) as parked,
    coalesce(p.at_end_at >= to_timestamp($4) + interval '1 minute', false) as complete
  from read_model.projections p where p.name = 'user_sessions' and p.state = 'live' and p.other_log_at is null`;

interface Row {
  readonly open: boolean;
  readonly ended: boolean;
  readonly parked: boolean;
  readonly complete: boolean;
}

const verdictOf = ({ open, ended, parked, complete }: Row): SessionVerdict => {
  if (ended) return 'ended';
  if (parked) return 'unknown';
  if (open) return 'open';
  return complete ? 'ended' : 'unknown';
};

/** Judges a token's session by `read_model.user_sessions`. Throws StoreUnavailable. */
export const judgeSession = async (pool: Pool, { sid, sub, ver, iat }: TokenClaims): Promise<SessionVerdict> => {
  const { rows } = await pool.query<Row>(JUDGE, [sid, sub, ver, iat]).catch(rethrow);
  if (!rows[0]) throw new StoreUnavailable('There is no live user_sessions yet');
  return verdictOf(rows[0]);
};
