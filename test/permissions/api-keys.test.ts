import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { API_SCOPES, type ApiScope } from '@rollbook/shared/contracts/permissions';
import { COMMANDS, ENDPOINTS, QUERIES } from '../../docs/endpoints.ts';
import { call, type ClientAnswer } from '../support/client.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let person: string;
const keys = new Map<ApiScope, string>();

beforeAll(async () => {
  rollbook = await startRollbook();
  const journey = journeyOn(rollbook);
  const admin = await journey.admin();
  person = String((await journey.register('shown')).body.id);
  for (const scope of API_SCOPES) {
    const { body } = await journey.post('/api-keys', { name: scope, scopes: [scope] }, { token: admin });
    keys.set(scope, String(body.key));
  }
});
afterAll(() => rollbook.stop());

/** By hand, so that a slip in a declaration shows: what a key of each scope is for. */
const OPENED: Readonly<Record<ApiScope, readonly string[]>> = {
  'users:read': ['getPicture', 'getUser', 'listRoles', 'listUsers'],
  'events:read': ['followEvents'],
  'audit:read': [
    'exportAudit',
    'getAuditEvent',
    'getAuditStats',
    'getCheckpoint',
    'getConsistencyProof',
    'getProof',
    'getUserHistory',
    'listAuditEvents',
  ],
};

/** What a query cannot be asked without, lest it were refused for that; and the stream of events has no end. */
const QUERY: Partial<Record<keyof typeof OPERATIONS, string>> = {
  followEvents: '?from=nowhere',
  getConsistencyProof: '?from=0',
};

/** Sends what a person of every right could send, as the bearer of a key. */
const ask = (operation: keyof typeof OPERATIONS, token: string): Promise<ClientAnswer> => {
  const { method, path } = OPERATIONS[operation];
  const url = path.replace('{id}', person).replace('{session_id}', randomUUID()) + (QUERY[operation] ?? '');
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
  return call(rollbook.url, method, url, { token, ...body });
};

describe.each(API_SCOPES)('A key for %s', (scope) => {
  test('opens exactly the queries that it is for', async () => {
    const token = keys.get(scope) ?? '';
    const opened: string[] = [];
    for (const { operation } of QUERIES) {
      const answer = await ask(operation, token);
      if (answer.status === 403) expect([operation, answer.body.error.code]).toStrictEqual([operation, 'FORBIDDEN']);
      else opened.push(operation);
    }
    expect(opened.toSorted()).toStrictEqual(OPENED[scope]);
  });

  test('gives none of the commands, and leaves no trace by trying', async () => {
    const before = (await eventsIn(rollbook)).length;
    for (const { operation, token } of COMMANDS) {
      if (token === 'ignored') continue;
      const answer = await ask(operation, keys.get(scope) ?? '');
      expect([operation, answer.status, answer.body.error?.code]).toStrictEqual([operation, 403, 'FORBIDDEN']);
    }
    expect(await eventsIn(rollbook)).toHaveLength(before);
  });
});

test('Every endpoint that looks at a token says that it may answer 403', () => {
  const silent = ENDPOINTS.filter(({ token, errors }) => token !== 'ignored' && !errors.includes('FORBIDDEN'));
  expect(silent.map(({ operation }) => operation)).toStrictEqual([]);
});
