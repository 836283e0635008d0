import { z } from 'zod';
import { MAY_CHANGE, MAY_CREATE, PERMISSIONS, permissionsOf } from '@rollbook/shared/contracts/permissions';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';

const role = z.enum(ROLES);

const RoleResource = z.strictObject({
  role,
  permissions: z.array(z.enum(Object.keys(PERMISSIONS))),
  may_change: z.array(role),
  may_create: z.array(role),
});

const DATA = ROLES.map((each) => ({
  role: each,
  permissions: [...permissionsOf(each)],
  may_change: [...MAY_CHANGE[each]],
  may_create: [...MAY_CREATE[each]],
}));

const RoleList = z.strictObject({ data: z.array(RoleResource) }).meta({ id: 'RoleList', example: { data: DATA } });

/** `GET /roles`: the role matrix. It stands in the program, so the answer is of no read model. */
export const listRoles = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'listRoles',
    tag: 'Roles',
    summary: 'Show what each role may do',
    description: 'For each role its permissions, and the roles of the people whom it may change and create.',
    token: 'required',
    permission: { who: 'signed-in', scope: 'users:read' },
    answers: {
      200: { description: 'The roles, lower ones first.', body: RoleList },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: (_input, context) =>
      askAlsoByKey(parts, context, () => Promise.resolve({ status: 200, body: { data: DATA } })),
  });
