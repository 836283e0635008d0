import type { Pool } from '../../sql/pool.ts';
import type { DeadLetter, ReceivedMessage } from '../port.ts';

interface LetterRow {
  readonly message_id: string;
  readonly key: string;
  readonly type: string;
  readonly position: string;
  readonly time: string;
  readonly data: ReceivedMessage['data'];
  readonly place: string;
  readonly reason: string;
  readonly dead_at: Date;
}

const PAGE = 200;

const toDeadLetter = ({ message_id, reason, dead_at, ...rest }: LetterRow): DeadLetter => ({
  message: { id: message_id, ...rest },
  place: rest.place,
  reason,
  deadAt: dead_at.getTime(),
});

/** Reads a group's dead letters page by page, each message once. Throws what `handle` throws. */
export const readDeadLetters = async (
  pool: Pool,
  group: string,
  handle: (letter: DeadLetter) => Promise<void>,
): Promise<void> => {
  let after: string | null = null;
  do {
    const { rows }: { rows: LetterRow[] } = await pool.query<LetterRow>(
      `select message_id, key, type, position, time, data, place, reason, dead_at from message_feed.dead_letters
       where group_name = $1 and ($2::text is null or message_id > $2) order by message_id limit $3`,
      [group, after, PAGE],
    );
    for (const row of rows) await handle(toDeadLetter(row));
    after = rows.length < PAGE ? null : (rows.at(-1)?.message_id ?? null);
  } while (after !== null);
};
