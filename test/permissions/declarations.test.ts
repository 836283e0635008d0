import { describe, expect, test } from '@jest/globals';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { MAY_CREATE } from '@rollbook/shared/contracts/permissions';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { COMMANDS, ENDPOINTS, QUERIES } from '../../docs/endpoints.ts';
import { CASES, titleOf } from './cases.ts';
import { declaredVerdict } from './declared.ts';
import { CALLERS, type Target } from './rules.ts';

const names = (endpoints: typeof ENDPOINTS): readonly string[] => endpoints.map(({ operation }) => operation).sort();
const operations = Object.entries(OPERATIONS).map(([operation, { method }]) => ({ operation, method }));
const listed = (reads: boolean): readonly string[] =>
  operations
    .filter(({ method }) => (method === 'GET') === reads)
    .map(({ operation }) => operation)
    .sort();

describe('Every operation of the API', () => {
  test('that changes something is answered by exactly one endpoint of command-api, and no other is', () => {
    expect(names(COMMANDS)).toStrictEqual(listed(false));
  });

  test('that reads is answered by exactly one endpoint of query-api, and no other is', () => {
    expect(names(QUERIES)).toStrictEqual(listed(true));
  });

  test('is walked by every role', () => {
    expect([...new Set(CASES.map(({ operation }) => operation))].sort()).toStrictEqual(names(ENDPOINTS));
  });

  test('with a part that has a rule of its own is walked by that part too', () => {
    const declared = ENDPOINTS.flatMap(({ operation, permission }) =>
      permission.who === 'person' ? Object.keys(permission.parts ?? {}).map((part) => `${operation} (${part})`) : [],
    );
    expect(declared.length).toBeGreaterThan(0);
    expect(CASES.map(titleOf)).toEqual(expect.arrayContaining(declared));
  });
});

describe('What an endpoint declares', () => {
  test.each(ENDPOINTS.map((endpoint) => [endpoint.operation, endpoint] as const))(
    '%s: asks for a token exactly where somebody signed in is meant',
    (_operation, { permission, token }) => {
      const open = permission.who === 'anyone' || permission.who === 'holder';
      const also = permission.who === 'permitted' && permission.strangers;
      expect(token).toBe(open ? 'ignored' : also ? 'optional' : 'required');
    },
  );

  test('never lets an API key give a command', () => {
    expect(COMMANDS.filter(({ permission }) => 'scope' in permission)).toStrictEqual([]);
    const byKey = QUERIES.filter(({ permission }) => 'scope' in permission && permission.scope === 'users:read');
    expect(names(byKey)).toStrictEqual(['getPicture', 'getUser', 'listRoles', 'listUsers']);
  });

  const created = /^a (?<role>\w+)$/;
  test.each(CASES.map((each) => [titleOf(each), each] as const))('%s: is what was meant', (_title, each) => {
    const endpoint = ENDPOINTS.find(({ operation }) => operation === each.operation);
    if (!endpoint) throw new Error(`Nothing answers ${each.operation}`);
    const role = created.exec(each.part ?? '')?.groups?.['role'] as Role | undefined;
    const targets: readonly Target[] = each.aboutPeople ? ['self', 'missing', ...ROLES] : ['self'];
    const differ = CALLERS.flatMap((caller) =>
      targets.flatMap((target) => {
        const allowed = declaredVerdict(endpoint.permission, role ? undefined : each.part, caller, target);
        const creates = role && (caller === 'nobody' ? role === 'user' : MAY_CREATE[caller].includes(role));
        const declared = role && allowed === 'in' ? (creates ? 'in' : 403) : allowed;
        const meant = each.rule(caller, target);
        return declared === meant ? [] : [`${caller} → ${target}: ${String(meant)}, declared ${String(declared)}`];
      }),
    );
    expect(differ).toStrictEqual([]);
  });
});
