import { OPERATIONS, type OperationId } from '@rollbook/shared/contracts/operations';
import { userStream } from '@rollbook/shared/contracts/streams';
import pg from 'pg';
import { call, type ClientAnswer } from './client.ts';
import { PASSWORD } from './journey.ts';
import { picturesAt } from './picture-client.ts';
import { picture } from './pictures.ts';
import type { TestRollbook } from './rollbook.ts';

/** Every operation that asks, and changes nothing. */
export const QUERIES = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => OPERATIONS[id].method === 'GET');

/** Queries that no token makes wait, and why. */
export const NEED_NOT_WAIT: ReadonlyMap<string, string> = new Map([
  ['followEvents', 'a stream: it reads the log itself, goes on for ever, and is tested by journeys of its own'],
]);

/** A query, after a command that it must show. */
export interface OwnWrite {
  /** Who asks. */
  readonly token: string;
  readonly write: ClientAnswer;
  readonly path: string;
  /** What is no JSON is text. */
  readonly shows: (body: any, status: number) => boolean;
  /** True where the write is so young that another answer than 200 is a true one. */
  readonly mayRefuse?: true;
}

/** Keeps every read model where it is, until `letGo`: nobody can move a position. */
export const holdReadModels = async ({ databaseUrl }: Pick<TestRollbook, 'databaseUrl'>) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query('select from read_model.projections for update');
  return {
    letGo: async (): Promise<void> => {
      await client.query('rollback');
      await client.end();
    },
  };
};

interface Cast {
  readonly rollbook: TestRollbook;
  readonly admin: string;
  /** Everybody is of one command alone, so that no write of another query is in the way. */
  readonly create: (username: string) => Promise<{ readonly id: string; readonly token: string }>;
}

type Prepared = () => Promise<OwnWrite>;

/**
 * For each query what is written and how it shows. Whoever adds a query adds a line: it then waits for a
 * `Consistency-Token` before it answers, or a journey fails. Preparing makes the people; what it gives writes.
 */
export const OWN_WRITES: Readonly<Record<string, (cast: Cast) => Promise<Prepared>>> = {
  listUsers: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'lena', (id) => ({
      path: `/users?username=lena`,
      shows: ({ data }) => data.some((one: any) => one.id === id && one.name === 'Renamed'),
    })),
  getMe: async ({ rollbook, create }) => {
    const { id, token } = await create('meike');
    return async () => {
      const write = await rename(rollbook, token, id);
      return { token, write, path: '/users/me', shows: (body) => body.name === 'Renamed' };
    };
  },
  getUser: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'gerda', (id) => ({
      path: `/users/${id}`,
      shows: (body) => body.name === 'Renamed',
    })),
  getUserHistory: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'hilde', (id) => ({
      path: `/users/${id}/history`,
      shows: ({ data }) => data[0].changes.some(({ after }: any) => after === 'Renamed'),
    })),
  // Of somebody whom the read model of people does not know yet either.
  listSessions: ({ rollbook, admin }) =>
    Promise.resolve(async () => {
      const body = { email: 'sina@example.com', username: 'sina', password: PASSWORD };
      const { id } = (await call(rollbook.url, 'POST', '/users', { token: admin, body })).body as { id: string };
      const signIn = { body: { username: 'sina', password: PASSWORD } };
      const write = await call(rollbook.url, 'POST', '/auth/login', signIn);
      return { token: admin, write, path: `/users/${id}/sessions`, shows: ({ data }) => data.length === 1 };
    }),
  listErasures: ({ rollbook, admin, create }) =>
    afterErasure(rollbook, admin, create, 'egon', (id) => ({
      path: '/erasures',
      shows: ({ data }) => data.some((one: any) => one.id === id && one.status === 'erased' && one.receipt !== null),
    })),
  getErasure: ({ rollbook, admin, create }) =>
    afterErasure(rollbook, admin, create, 'erna', (id) => ({
      path: `/erasures/${id}`,
      shows: (body) => body.status === 'erased' && body.receipt !== null,
    })),
  listApiKeys: ({ rollbook, admin }) =>
    Promise.resolve(async () => {
      const body = { name: 'own writes', scopes: ['users:read'] };
      const write = await call(rollbook.url, 'POST', '/api-keys', { token: admin, body });
      const shows = ({ data }: any): boolean => data.some(({ id }: any) => id === write.body.id);
      return { token: admin, write, path: '/api-keys', shows };
    }),
  getPicture: async ({ rollbook, admin, create }) => {
    const { id } = await create('pia');
    const bytes = await picture(8).png().toBuffer();
    return async () => {
      const write = await picturesAt(rollbook.url).put(admin, id, bytes);
      return { token: admin, write, path: `/users/${id}/picture`, shows: (body) => body.length > 0 };
    };
  },
  // The roles stand in the program: there is nothing to show but the position.
  listRoles: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'rolf', () => ({ path: '/roles', shows: ({ data }) => data.length === 5 })),
  listAuditEvents: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'alma', (id) => ({
      path: `/audit/events?subject=${id}&type=ProfileChanged`,
      shows: ({ data }) => data.length === 1,
    })),
  getAuditEvent: async ({ rollbook, admin, create }) => {
    const { id } = await create('anke');
    return async () => {
      const write = await rename(rollbook, admin, id);
      const [last] = await rollbook.store.read(userStream(id), { direction: 'backwards', limit: 1 });
      return { token: admin, write, path: `/audit/events/${last?.id ?? ''}`, shows: (body) => body.id === last?.id };
    };
  },
  getAuditStats: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'arne', () => ({ path: '/audit/stats', shows: () => true })),
  // The notary seals once a minute: until then the event is known, and not sealed.
  getProof: async ({ rollbook, admin, create }) => {
    const { id } = await create('petra');
    return async () => {
      const write = await rename(rollbook, admin, id);
      const [last] = await rollbook.store.read(userStream(id), { direction: 'backwards', limit: 1 });
      const shows: OwnWrite['shows'] = (_body, status) => status === 200 || status === 409;
      return { token: admin, write, path: `/audit/events/${last?.id ?? ''}/proof`, shows, mayRefuse: true };
    };
  },
  getCheckpoint: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'clara', () => ({
      path: '/audit/checkpoint',
      shows: (_body, status) => status < 500,
      mayRefuse: true,
    })),
  getConsistencyProof: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'conny', () => ({
      path: '/audit/consistency?from=1&to=1',
      shows: (_body, status) => status < 500,
      mayRefuse: true,
    })),
  exportAudit: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'elke', (id) => ({
      path: `/audit/export?format=ndjson&subject=${id}&type=ProfileChanged`,
      shows: (text) => text.includes(id),
    })),
  getOperations: ({ rollbook, admin, create }) =>
    afterRename(rollbook, admin, create, 'otto', () => ({ path: '/operations', shows: () => true })),
};

const rename = ({ url }: TestRollbook, token: string, id: string): Promise<ClientAnswer> =>
  call(url, 'PATCH', `/users/${id}`, { token, body: { name: 'Renamed' } });

type Asked = (id: string) => Pick<OwnWrite, 'path' | 'shows' | 'mayRefuse'>;

const afterRename = async (
  rollbook: TestRollbook,
  admin: string,
  create: Cast['create'],
  name: string,
  asked: Asked,
): Promise<Prepared> => {
  const { id } = await create(name);
  return async () => ({ token: admin, write: await rename(rollbook, admin, id), ...asked(id) });
};

const afterErasure = async (
  rollbook: TestRollbook,
  admin: string,
  create: Cast['create'],
  name: string,
  asked: Asked,
): Promise<Prepared> => {
  const { id } = await create(name);
  return async () => {
    const write = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
    return { token: admin, write, ...asked(id) };
  };
};
