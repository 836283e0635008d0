import { z } from 'zod';
import { MAY_CHANGE, MAY_CREATE, PERMISSIONS, permissionsOf } from '@rollbook/shared/contracts/permissions';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { askAlsoByKey, type QueryParts } from '../read-model/ask.ts';
import { projectionHeaders } from '../read-model/read-model.ts';

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

/** How far the read model of people is, where anybody can tell: the roles are shown all the same. */
const headersOf = async ({ readModel }: QueryParts): Promise<Readonly<Record<string, string>>> => {
  try {
    return projectionHeaders(await readModel.read<null>({ text: 'select null', values: [] }));
  } catch (fault) {
    if (fault instanceof StoreUnavailable) return {};
    throw fault;
  }
};

/** `GET /roles`: the role matrix. It stands in the program. */
export const listRoles = (parts: QueryParts): Endpoint =>
  defineEndpoint({
    operation: 'listRoles',
    tag: 'Roles',
    summary: 'Show what each role may do',
    description:
      'For each role its permissions, and the roles of the people whom it may change and create. It is answered also ' +
      'while no read model can be read: then without `Projection-Position` and `Projection-Lag-Ms`.',
    token: 'required',
    permission: { who: 'signed-in', scope: 'users:read' },
    answers: {
      200: { description: 'The roles, lower ones first.', body: RoleList },
    },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'],
    handle: (_input, context) =>
      askAlsoByKey(parts, context, async () => ({
        status: 200,
        body: { data: DATA },
        headers: await headersOf(parts),
      })),
  });
