import type { Hash } from '@rollbook/shared/audit/merkle-tree';
import type { Pool } from '@rollbook/shared/sql/pool';

/** A checkpoint that was signed and stands in the log. */
export interface Signed {
  /** Of its event in the stream `notary`. */
  readonly revision: number;
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
}

export interface Remembered extends Signed {
  readonly logId: string;
}

interface Row {
  readonly log_id: string;
  readonly revision: number;
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
}

/** What the notary signed last, as it is kept apart from the log. */
export const recall = async (pool: Pool): Promise<Remembered | null> => {
  const { rows } = await pool.query<Row>('select log_id, revision, size, root, note from notary.last_signed');
  const [row] = rows;
  return row ? { logId: row.log_id, ...row, size: Number(row.size) } : null;
};

/** Remembers a checkpoint that stands in the log. An older one changes nothing. */
export const remember = async (pool: Pool, logId: string, { revision, size, root, note }: Signed): Promise<void> => {
  await pool.query(
    `insert into notary.last_signed (log_id, revision, size, root, note) values ($1, $2, $3, $4, $5)
     on conflict (singleton) do update
       set revision = excluded.revision, size = excluded.size, root = excluded.root, note = excluded.note, saved_at = now()
       where last_signed.log_id = excluded.log_id and last_signed.revision < excluded.revision`,
    [logId, revision, size, root, note],
  );
};
