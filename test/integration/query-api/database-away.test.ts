import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, probe } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { signIn } from '../../support/signed-in.ts';

let api: QueryApi;
beforeAll(async () => {
  api = await startQueryApi();
});
afterAll(() => api.close());

const lost = 'drop schema read_model cascade; create schema read_model';

describe('A read model that cannot be read', () => {
  test('for the moment is 503: somebody holds it locked for longer than a statement may take', async () => {
    const admin = await signIn(api.log, 'admin');
    const client = await api.pool.connect();
    await client.query('begin');
    await client.query('lock table read_model.user_directory in access exclusive mode');
    const seen = await probe(api.url, { path: '/v1/users', headers: admin.headers });
    await client.query('rollback');
    client.release();
    expect([seen.status, codeOf(seen), seen.headers['retry-after']]).toEqual([503, 'SERVICE_UNAVAILABLE', '2']);
    expect(seen.text).not.toMatch(/select|lock|timeout/);
  });

  test('for good is 500, and the answer does not say why', async () => {
    const admin = await signIn(api.log, 'admin');
    await api.pool.query(lost);
    const seen = await probe(api.url, { path: '/v1/users', headers: admin.headers });
    expect([seen.status, codeOf(seen)]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(seen.text).not.toMatch(/relation|read_model|select/);
  });
});
