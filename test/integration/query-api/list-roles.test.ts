import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { probe } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn } from '../../support/signed-in.ts';

let api: QueryApi;
beforeAll(async () => {
  api = await startQueryApi();
});
afterAll(() => api.close());

test('Nobody without a token sees the roles', async () => {
  expect(await probe(api.url, { path: '/v1/roles' })).toMatchObject({ status: 401 });
});

test.each(ROLES)('%s sees what each role may do, and whom it may change and create', async (role) => {
  const { headers } = await signIn(api.log, role);
  const seen = await probe(api.url, { path: '/v1/roles', headers: { ...headers } });
  expect(seen.status).toBe(200);
  expect(seen.json).toStrictEqual({
    data: [
      { role: 'user', permissions: ['own_account'], may_change: [], may_create: [] },
      { role: 'moderator', permissions: ['own_account', 'read_users'], may_change: [], may_create: [] },
      {
        role: 'manager',
        permissions: ['own_account', 'read_users', 'create_users', 'change_users', 'read_history'],
        may_change: ['user', 'moderator'],
        may_create: ['user'],
      },
      {
        role: 'auditor',
        permissions: ['own_account', 'read_users', 'read_history', 'read_audit', 'read_erasures'],
        may_change: [],
        may_create: [],
      },
      {
        role: 'admin',
        permissions: [
          ...['own_account', 'read_users', 'create_users', 'change_users', 'read_history', 'read_audit'],
          ...[
            'read_erasures',
            'assign_roles',
            'set_email',
            'erase_users',
            'manage_sessions',
            'operate',
            'manage_api_keys',
          ],
        ],
        may_change: ['user', 'moderator', 'manager', 'auditor', 'admin'],
        may_create: ['user', 'moderator', 'manager', 'auditor', 'admin'],
      },
    ],
  });
});

test('The roles are shown while no read model can be read', async () => {
  const { headers } = await signIn(api.log, 'user');
  await api.pool.query('truncate read_model.projections cascade');
  expect(await probe(api.url, { path: '/v1/roles', headers: { ...headers } })).toMatchObject({ status: 200 });
});
