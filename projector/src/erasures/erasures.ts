import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { Client } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { ERASURE_TYPES, evolveErasure, type ErasureRow } from './erasures.projection.ts';

const TIMES = ['requested_at', 'confirmed_at', 'cancelled_at', 'erased_at', 'changed_at'] as const;
const COLUMNS = ['id', 'status', ...TIMES, 'receipt'] as const satisfies readonly (keyof ErasureRow)[];
const names = COLUMNS.join(', ');

/** Requests for erasure and what became of them, with the receipts. */
export const erasures: ReadModel = {
  name: 'erasures',
  version: 1,
  tables: ['erasures'],
  filter: { types: [...ERASURE_TYPES] },
  personOf: ({ stream, type }) => (ERASURE_TYPES.has(type) ? personOfStream(stream) : null),

  async apply(client: Client, events: readonly AnyEvent[]) {
    const people = [...new Set(events.map(({ stream }) => personOfStream(stream) ?? ''))];
    const rows = await readRows(client, people);
    for (const event of events) {
      const person = personOfStream(event.stream) ?? '';
      rows.set(person, evolveErasure(rows.get(person) ?? null, event));
    }
    await writeRows(client, rows);
  },
};

type StoredRow = Omit<ErasureRow, (typeof TIMES)[number]> & Record<(typeof TIMES)[number], Date | null>;

const readRows = async (client: Client, people: readonly string[]): Promise<Map<string, ErasureRow | null>> => {
  const { rows } = await client.query<StoredRow>(`select ${names} from erasures where id = any($1::uuid[])`, [people]);
  const time = (value: Date | null): string | null => value?.toISOString() ?? null;
  return new Map(
    rows.map((row): [string, ErasureRow] => [
      row.id,
      {
        ...row,
        requested_at: time(row.requested_at),
        confirmed_at: time(row.confirmed_at),
        cancelled_at: time(row.cancelled_at),
        erased_at: time(row.erased_at),
        changed_at: time(row.changed_at) ?? '',
      },
    ]),
  );
};

const writeRows = async (client: Client, rows: ReadonlyMap<string, ErasureRow | null>): Promise<void> => {
  const gone = [...rows].filter(([, row]) => row === null).map(([id]) => id);
  const kept = [...rows.values()].filter((row) => row !== null);
  if (gone.length > 0) await client.query('delete from erasures where id = any($1::uuid[])', [gone]);
  if (kept.length > 0)
    await client.query(
      `insert into erasures (${names})
       select ${names} from jsonb_populate_recordset(null::erasures, $1::jsonb)
       on conflict (id) do update set (${names}) = (${COLUMNS.map((column) => `excluded.${column}`).join(', ')})`,
      [JSON.stringify(kept)],
    );
};
