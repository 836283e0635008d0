import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import type { AuditFilters } from '../../../query-api/src/audit/audit-filters.ts';
import { selectEntries } from '../../../query-api/src/audit/select-entries.ts';
import { createDatabase } from '../../support/postgres.ts';

/** Rows of the index; what holds for them holds for a hundred times as many, since rows that are read are counted. */
const ROWS = 60_000;
/** Rows that a page of 20 may touch: itself, the claims between, and one person's few events. */
const MOST_TOUCHED = 400;

let pool: Pool;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createDatabase();
  ({ drop } = database);
  pool = createPool({ url: database.url, applicationName: 'test', statementTimeout: 60_000 });
  // A busy service and a thousand people act on two thousand; the service never does what they do, and one type is rare.
  await pool.query(
    `insert into read_model.audit_index
     select i, gen_random_uuid(), lpad(i::text, 20, '0'), 'user-x', i,
       case when i % 10 = 9 then 'EmailClaimed' when i % 5000 = 1 then 'PersonErased' when i % 2 = 0 then 'ProfileChanged'
         when i % 3 = 0 then 'SignedIn' else 'SessionStarted' end,
       timestamptz '2026-01-01' + i * interval '1 second', case when i % 7 = 0 then 'system' else 'person' end,
       case when i % 7 = 0 then null when i % 2 = 0 then 'a0000000-0000-4000-8000-000000000000'
         else 'b0000000-0000-4000-8000-' || lpad((i % 1000)::text, 12, '0') end,
       ('c0000000-0000-4000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid,
       'req-' || i / 3, 'req-' || i / 3, null, 'command', decode(repeat('00', 32), 'hex')
     from generate_series(0, $1::integer - 1) i`,
    [ROWS],
  );
  await pool.query('vacuum analyze read_model.audit_index');
}, 120_000);
afterAll(async () => {
  await pool.end();
  await drop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

/** How many rows the scans of a plan looked at. */
const touched = (node: Node): number => {
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + touched(plan), 0);
  if (!node['Node Type'].includes('Scan') || node['Node Type'] === 'Subquery Scan') return below;
  const own =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return below + own * node['Actual Loops'];
};

const CHOICES: Readonly<Record<keyof AuditFilters, readonly string[]>> = {
  actor: ['a0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000123', 'system'],
  subject: ['c0000000-0000-4000-8000-000000000042'],
  type: ['ProfileChanged', 'SignedIn', 'PersonErased'],
  request_id: ['req-1000'],
  after: ['2026-01-01T04:00:00Z'],
  before: ['2026-01-01T12:00:00Z'],
};

/** Every set of filters, each with every choice. */
const combinations = Object.entries(CHOICES).reduce<readonly AuditFilters[]>(
  (sets, [name, values]) => sets.flatMap((set) => [set, ...values.map((value) => ({ ...set, [name]: value }))]),
  [{}],
);

test('A page of the trail touches few rows, whatever it is filtered by and wherever it begins', async () => {
  expect(combinations).toHaveLength(4 * 2 * 4 * 2 * 2 * 2);
  const tooMany: string[] = [];
  for (const filters of combinations)
    for (const point of [null, { recordedAt: '2026-01-01T08:20:00.000Z', leaf: 30_000 }]) {
      const { text, values } = selectEntries({ filters, pageSize: 20, point });
      const { rows } = await pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Node }] }>(
        `explain (analyze, format json) ${text}`,
        [...values],
      );
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      const count = plan ? touched(plan) : Infinity;
      if (count > MOST_TOUCHED) tooMany.push(`${JSON.stringify({ ...filters, ...point })}: ${String(count)} rows`);
    }
  expect(tooMany).toStrictEqual([]);
}, 120_000);
