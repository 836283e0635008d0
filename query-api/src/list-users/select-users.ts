import type { JsonQuery } from '../read-model/user-directory.ts';
import { USER_JSON, type UserRow } from '../read-model/user-row.ts';
import type { ListRequest, SortKey } from './list-parameters.ts';

/** One row more than the page holds, if there is one, and how many there are in all. */
export interface FoundUsers {
  readonly rows: readonly UserRow[];
  readonly total: number;
}

/** Sort keys as columns; what a caller sends never stands in the statement. */
const COLUMNS: Readonly<Record<SortKey, string>> = {
  username: 'u.username',
  email: 'u.email',
  name: 'u.name',
  created_at: 'u.created_at',
  updated_at: 'u.updated_at',
  last_login: 'u.last_login',
};

const orderOf = ({ key, order }: ListRequest['sort']): string => {
  // Who never signed in comes last either way.
  const nulls = key === 'last_login' ? ' nulls last' : '';
  return `${COLUMNS[key]} ${order}${nulls}, u.id ${order}`;
};

const conditionsOf = ({ filters }: ListRequest, values: unknown[]): string => {
  const conditions = ["u.status <> 'erased'"];
  if (filters.role !== undefined) conditions.push(`u.role = $${String(values.push(filters.role))}`);
  if (filters.isActive !== undefined) conditions.push(`u.status ${filters.isActive ? '=' : '<>'} 'active'`);
  return conditions.join(' and ');
};

/** The statement for a page, counted in the same snapshot. */
export const selectUsers = (request: ListRequest): JsonQuery => {
  const values: unknown[] = [];
  const where = conditionsOf(request, values);
  const limit = values.push(request.pageSize + 1);
  const offset = values.push((request.page - 1) * request.pageSize);
  const order = orderOf(request.sort);
  const text = `select json_build_object(
      'total', (select count(*) from read_model.user_directory u where ${where}),
      'rows', coalesce((
        select json_agg(${USER_JSON} order by ${order}) from (
          select * from read_model.user_directory u where ${where}
          order by ${order} limit $${String(limit)} offset $${String(offset)}
        ) u
      ), '[]'))`;
  return { text, values };
};
