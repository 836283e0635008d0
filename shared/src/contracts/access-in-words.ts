import type { Access, PersonRule } from './access.ts';
import { MAY_CHANGE, PERMISSIONS, type PermissionId } from './permissions.ts';
import { ROLES, type Role } from './roles.ts';

const HOLDERS = {
  link: 'the link of the mail',
  'refresh-token': 'the refresh token',
  'any-token': 'the access token or the refresh token',
} as const;

const listed = (roles: readonly Role[]): string => roles.map((role) => `\`${role}\``).join(', ');

const holders = (may: PermissionId): string => listed(PERMISSIONS[may].roles);

const reached = (roles: readonly Role[]): string => (roles.length === ROLES.length ? 'everybody' : listed(roles));

const ruleInWords = ({ may, over, self }: PersonRule): string => {
  const others =
    over === 'anybody'
      ? `${holders(may)} for everybody`
      : PERMISSIONS[may].roles.map((role) => `\`${role}\` for ${reached(MAY_CHANGE[role])}`).join('; ');
  if (self === 'as-others') return others;
  return self === 'always' ? `the person; ${others}` : `${others}; nobody for themselves`;
};

const sentence = (access: Access): string => {
  switch (access.who) {
    case 'anyone':
      return 'anyone';
    case 'holder':
      return `whoever has ${HOLDERS[access.of]}`;
    case 'signed-in':
      return 'everybody who is signed in';
    case 'self':
      return 'only the person';
    case 'permitted':
      return access.strangers ? `anyone for themselves; ${holders(access.may)} for others` : holders(access.may);
    case 'person':
      return [
        ruleInWords(access),
        ...Object.entries(access.parts ?? {}).map(([part, rule]) => `\`${part}\`: ${ruleInWords(rule)}`),
      ].join('. ');
  }
};

/** Who may call an endpoint, for the API document. */
export const accessInWords = (access: Access): string => {
  const scope = 'scope' in access ? `. API keys with \`${access.scope ?? ''}\`` : '';
  const text = `${sentence(access)}${scope}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};
