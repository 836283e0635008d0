import type { Client, Pool } from '../sql/pool.ts';
import type { ReadNodes } from './merkle-proof.ts';
import { GrowingTree, nodesOf, type Hash, type NodeId } from './merkle-tree.ts';

/** Of the levels above the leaves, `read_model.audit_tree` keeps every fourth: what lies between is soon computed. */
export const STORED_EVERY = 4;

/** The stored nodes that a node is made of: itself, or up to 8 of the stored level below it. */
const storedUnder = ({ level, index }: NodeId): readonly NodeId[] => {
  const up = level % STORED_EVERY;
  return Array.from({ length: 2 ** up }, (_, at) => ({ level: level - up, index: index * 2 ** up + at }));
};

/** The hash over a full subtree, by those of all its nodes at one level. */
const joinFull = (hashes: readonly Hash[]): Hash => {
  const tree = new GrowingTree();
  for (const hash of hashes) tree.append(hash);
  return tree.root();
};

interface NodeRow {
  readonly level: number;
  readonly index: string;
  readonly hash: Buffer;
}

// Each wanted node is one look into a primary key.
const NODES = `
  select w.level, w.index, coalesce(t.hash, l.hash) as hash
  from unnest($1::smallint[], $2::bigint[]) as w (level, index)
  left join read_model.audit_tree t on w.level > 0 and t.level = w.level and t.index = w.index
  left join read_model.audit_index l on w.level = 0 and l.leaf = w.index
  where coalesce(t.hash, l.hash) is not null`;

/**
 * Reads full subtrees of the tree over the log, as the projector's `audit_index` keeps it: one statement for all. Throws
 * for a subtree that is not there, or not full yet.
 */
export const storedNodes =
  (database: Pick<Pool | Client, 'query'>): ReadNodes =>
  async (nodes) => {
    const wanted = nodes.map(storedUnder);
    const all = wanted.flat();
    const { rows } = await database.query<NodeRow>(NODES, [
      all.map(({ level }) => level),
      all.map(({ index }) => index),
    ]);
    const found = new Map(rows.map(({ level, index, hash }) => [`${String(level)}/${index}`, hash]));
    return wanted.map((parts) =>
      joinFull(
        parts.map(({ level, index }) => {
          const hash = found.get(`${String(level)}/${String(index)}`);
          if (!hash)
            throw new Error(`The tree over the log has no node ${String(index)} of level ${String(level)} yet`);
          return hash;
        }),
      ),
    );
  };

/** How many leaves the stored tree has. */
export const storedSize = async (database: Pick<Pool | Client, 'query'>): Promise<number> => {
  const { rows } = await database.query<{ size: string }>(
    'select coalesce(max(leaf) + 1, 0) as size from read_model.audit_index',
  );
  return Number(rows[0]?.size ?? 0);
};

/** The stored tree as one that can grow. Only what is committed between the two statements can make it fail. */
export const loadTree = async (database: Pick<Pool | Client, 'query'>): Promise<GrowingTree> => {
  const size = await storedSize(database);
  return new GrowingTree(size, await storedNodes(database)(nodesOf({ start: 0, end: size })));
};
