import { accessInWords } from '@rollbook/shared/contracts/access-in-words';
import { OPERATIONS } from '@rollbook/shared/contracts/operations';
import { MAY_CHANGE, MAY_CREATE, PERMISSIONS } from '@rollbook/shared/contracts/permissions';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import { ENDPOINTS } from './endpoints.ts';
import { table } from './markdown.ts';

const HEAD = `# Roles and permissions

<!-- Made by \`npm run docs -- roles\` from shared/src/contracts and the endpoints. Change it there. -->

What a role may do is data (\`shared/src/contracts/permissions.ts\`). The endpoints declare what they need of it, the
deciders ask it, \`GET /roles\` shows it, and a generated test walks every route as every role about everybody
(\`test/permissions/\`). Who lacks what a request needs gets 403; where they may not even see the person, 404, the very
answer as where nobody is. Commands that are refused so are events (\`docs/protocols.md\`).

Order: \`user\`, \`moderator\`, \`manager\`, \`admin\`; \`auditor\` stands beside. Nobody changes their own role. The last
administrator who can sign in stays (409 \`LAST_ADMIN\`). An API key has no role, opens what its scopes say, and gives no
command.`;

const code = (text: string): string => `\`${text}\``;
const listed = (roles: readonly Role[]): string => (roles.length === 0 ? 'nobody' : roles.map(code).join(', '));

const matrix = (): string =>
  table(
    ['permission', 'may', ...ROLES.map(code)],
    Object.entries<{ readonly says: string; readonly roles: readonly Role[] }>(PERMISSIONS).map(
      ([id, { says, roles }]) => [code(id), says, ...ROLES.map((role) => (roles.includes(role) ? 'yes' : ''))],
    ),
  );

const reach = (): string =>
  table(
    ['role', '`may_change`', '`may_create`'],
    ROLES.map((role) => [code(role), listed(MAY_CHANGE[role]), listed(MAY_CREATE[role])]),
  );

const calls = (): string =>
  table(
    ['operation', 'request', 'who'],
    ENDPOINTS.map(({ operation, permission }) => {
      const { method, path } = OPERATIONS[operation];
      return [code(operation), code(`${method} ${path}`), accessInWords(permission)];
    }),
  );

/** `docs/roles.md`: the role matrix, and who may call what. */
export const rolesPage = (): string =>
  `${[HEAD, '## The matrix', matrix(), '## Whom a role reaches', reach(), '## Who may call what', calls()].join('\n\n')}\n`;
