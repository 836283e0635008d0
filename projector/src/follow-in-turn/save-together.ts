import { setImmediate as turnEnd } from 'node:timers/promises';
import type { Pool } from '@rollbook/shared/sql/pool';
import { MOVED, savePosition, type FollowerId, type Move } from './position.ts';

interface Waiting {
  readonly follower: FollowerId;
  readonly move: Move;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

// Whose row is locked, by a rebuild that compares or exchanges, is left out: the others do not wait for that one. One
// order, so that two copies that both think they lead do not wait for each other in a circle.
const SAVE = `
  with m as (
    select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::boolean[])
      as m (name, version, last, next, time, events, at_end)),
  free as (
    select p.name, p.version from read_model.projections p join m using (name, version)
    where p.position is not distinct from m.last
    order by p.name, p.version for update of p skip locked)
  update read_model.projections p set ${MOVED}
  from m join free using (name, version)
  where p.name = m.name and p.version = m.version
  returning p.name, p.version`;

const waitingFor = new WeakMap<Pool, Waiting[]>();

/**
 * `savePosition` for a page in which nothing concerns the follower. One event wakes them all, and most pages concern one
 * of them: the positions of the others are saved by one statement, and while it is under way the next ones gather.
 */
export const saveTogether = (pool: Pool, follower: FollowerId, move: Move): Promise<void> =>
  new Promise((resolve, reject) => {
    const waiting = waitingFor.get(pool);
    if (waiting) waiting.push({ follower, move, resolve, reject });
    else {
      waitingFor.set(pool, [{ follower, move, resolve, reject }]);
      void saveAll(pool);
    }
  });

/** Never rejects. */
const saveAll = async (pool: Pool): Promise<void> => {
  // All that one event wakes come in the same turn.
  await turnEnd();
  for (let all = take(pool); all.length > 0; all = take(pool)) await save(pool, all);
  waitingFor.delete(pool);
};

const take = (pool: Pool): readonly Waiting[] => waitingFor.get(pool)?.splice(0) ?? [];

/** Saves those whose rows are free. Each of the others goes on alone: it waits for its row, or is told who took it. */
const save = async (pool: Pool, all: readonly Waiting[]): Promise<void> => {
  try {
    const saved = await saveMany(pool, all);
    for (const { follower, move, resolve, reject } of all)
      if (saved.has(idOf(follower))) resolve();
      else void savePosition(pool, follower, move).then(resolve, reject);
  } catch (fault) {
    for (const { reject } of all) reject(fault);
  }
};

/** Whose position it was that moved. */
const saveMany = async (pool: Pool, all: readonly Waiting[]): Promise<ReadonlySet<string>> => {
  const values = [
    all.map(({ follower }) => follower.name),
    all.map(({ follower }) => follower.version),
    all.map(({ move }) => move.from),
    all.map(({ move }) => move.to),
    all.map(({ move }) => move.time),
    all.map(({ move }) => move.events),
    all.map(({ move }) => move.atEnd),
  ];
  const { rows } = await pool.query<FollowerId>({ name: 'save-positions', text: SAVE, values });
  return new Set(rows.map(idOf));
};

const idOf = ({ name, version }: FollowerId): string => `${name} ${String(version)}`;
