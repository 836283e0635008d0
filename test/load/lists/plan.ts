import type { Pool } from '@rollbook/shared/sql/pool';
import type { JsonQuery } from '../../../query-api/src/read-model/read-model.ts';

export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (plan: PlanNode): readonly PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Every step of the plan that the server would follow. */
export const planOf = async (pool: Pick<Pool, 'query'>, { text, values }: JsonQuery): Promise<readonly PlanNode[]> => {
  const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`explain (format json) ${text}`, [
    ...values,
  ]);
  const [row] = rows;
  return row ? nodesOf(row['QUERY PLAN'][0].Plan) : [];
};

export const indexesOf = (plan: readonly PlanNode[]): readonly string[] =>
  [...new Set(plan.flatMap((node) => node['Index Name'] ?? []))].filter((name) => name.startsWith('user_directory'));

/** Whether anything in the plan looks at every row of the list's table. */
export const readsAll = (plan: readonly PlanNode[]): boolean =>
  plan.some((node) => node['Node Type'].includes('Seq Scan') && node['Relation Name']?.startsWith('user_directory'));
