import type { Pool } from '../../sql/pool.ts';
import { PARTITIONS } from '../partition.ts';

/** Most messages of each partition that one call looks at. */
const MOST = 500;

// A partition that a group has never taken counts as not begun, and where no group is known nothing is taken away.
// Within a partition, messages stand in the order in which they were published: who is first is oldest.
const PRUNE = `
  with passed as (
    select p as partition, min(coalesce(o.acked, 0)) as seq
    from (select distinct group_name from message_feed.group_offsets) g
    cross join generate_series(0, $3::integer - 1) p
    left join message_feed.group_offsets o on o.group_name = g.group_name and o.partition = p
    group by p
  )
  delete from message_feed.messages where seq in (
    select oldest.seq from passed cross join lateral (
      select m.seq, m.published_at from message_feed.messages m
      where m.partition = passed.partition and m.seq <= passed.seq order by m.seq limit $2
    ) oldest
    where oldest.published_at < now() - $1 * interval '1 millisecond'
  )`;

/** Takes away what is older and behind every known group, a bounded number at a time. How many. */
export const prune = async (pool: Pool, olderThanMs: number): Promise<number> =>
  (await pool.query(PRUNE, [olderThanMs, MOST, PARTITIONS])).rowCount ?? 0;
