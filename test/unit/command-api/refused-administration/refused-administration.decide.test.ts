import { describe, expect, test } from '@jest/globals';
import type { Access } from '@rollbook/shared/contracts/access';
import { reject, REJECTIONS, type RejectionCode } from '@rollbook/shared/contracts/rejections';
import { refusedAdministration } from '../../../../command-api/src/refused-administration/refused-administration.decide.ts';
import { PERSON_ID } from '../../../support/given.ts';

const OVER_PEOPLE: Access = {
  who: 'person',
  may: 'change_users',
  over: 'changeable',
  self: 'always',
  parts: {
    role: { may: 'assign_roles', over: 'anybody', self: 'never' },
    'soft_delete=false': { may: 'erase_users', over: 'anybody', self: 'as-others' },
  },
};
const nothing = { params: undefined, query: undefined, body: undefined };
const about = { ...nothing, params: { id: PERSON_ID } };
const refused = (permission: Access, asked: Parameters<typeof refusedAdministration>[1], code: RejectionCode) =>
  refusedAdministration({ operation: 'updateUser', permission }, asked, reject(code));
const event = (data: object) => ({
  type: 'AdministrationRefused',
  data: { operation: 'updateUser', parts: [], target: PERSON_ID, role: null, reason: 'forbidden', ...data },
  personal: null,
});

describe('A refusal is recorded', () => {
  test('where a role is what stands in the way, or the last administrator', () => {
    const recorded = Object.keys(REJECTIONS).filter(
      (code) => refused(OVER_PEOPLE, about, code as RejectionCode) !== null,
    );
    expect(recorded.sort()).toStrictEqual(['forbidden', 'hidden', 'last_admin']);
    expect(refused(OVER_PEOPLE, about, 'last_admin')).toStrictEqual(event({ reason: 'last_admin' }));
    expect(refused(OVER_PEOPLE, about, 'hidden')).toStrictEqual(event({ reason: 'hidden' }));
  });

  test('with the role that was to be given, and with what of the request has a rule of its own', () => {
    const asked = { params: { id: PERSON_ID }, query: undefined, body: { role: 'admin', phone: null } };
    expect(refused(OVER_PEOPLE, asked, 'forbidden')).toStrictEqual(event({ parts: ['role'], role: 'admin' }));
    const erase = { params: { id: PERSON_ID }, query: { soft_delete: false }, body: undefined };
    expect(refused(OVER_PEOPLE, erase, 'forbidden')).toStrictEqual(event({ parts: ['soft_delete=false'] }));
    const deactivate = { params: { id: PERSON_ID }, query: { soft_delete: true }, body: undefined };
    expect(refused(OVER_PEOPLE, deactivate, 'forbidden')).toStrictEqual(event({}));
  });

  test('about nobody, where the command concerns nobody', () => {
    const create: Access = { who: 'permitted', may: 'create_users', strangers: true };
    expect(refused(create, { ...nothing, body: { role: 'manager' } }, 'forbidden')).toStrictEqual(
      event({ target: null, role: 'manager' }),
    );
    expect(refused({ who: 'permitted', may: 'manage_api_keys' }, about, 'forbidden')).toStrictEqual(
      event({ target: null }),
    );
    expect(refused({ who: 'self' }, about, 'forbidden')).toStrictEqual(event({}));
  });

  test('never where no role is asked for', () => {
    expect(refused({ who: 'anyone' }, nothing, 'forbidden')).toBeNull();
    expect(refused({ who: 'holder', of: 'refresh-token' }, nothing, 'forbidden')).toBeNull();
  });
});
