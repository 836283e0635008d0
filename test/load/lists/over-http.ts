import { Agent, request as send } from 'node:http';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { writeCursor } from '../../../query-api/src/list-users/list-cursor.ts';
import type { ListCase } from './cases.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The path of the page. */
export const pathOf = ({ request }: ListCase, cursors: Cursors): string => {
  const { filters, sort, pageSize, place } = request;
  if ('point' in place) {
    const cursor = writeCursor(cursors, { filters, ...sort, pageSize, point: place.point });
    return `/v1/users?cursor=${encodeURIComponent(cursor)}`;
  }
  const words = { sort_by: sort.key, order: sort.order, page_size: pageSize, ...filters };
  const given = Object.entries(words).map(([name, value]) => [name, String(value)]);
  return `/v1/users?${new URLSearchParams(given as [string, string][]).toString()}`;
};

/** Asks for it once over the one connection and reads the whole answer; gives the status. */
export const get = (base: string, path: string, token: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asking = send(new URL(path, base), { agent, headers }, (answer) => {
      answer.once('error', reject);
      answer.once('end', () => {
        resolve(answer.statusCode ?? 0);
      });
      answer.resume();
    });
    asking.once('error', reject);
    asking.end();
  });

export const hangUp = (): void => {
  agent.destroy();
};

/** Signs in and gives the access token. */
export const signIn = async (base: string, email: string, password: string): Promise<string> => {
  const answer = await fetch(new URL('/v1/auth/login', base), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`${email} cannot sign in (${answer.status}).`);
  return body.access_token;
};
