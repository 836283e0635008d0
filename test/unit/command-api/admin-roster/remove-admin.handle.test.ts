import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ADMIN_ROSTER } from '@rollbook/shared/contracts/streams';
import { readRoster, unlistGrant } from '../../../../command-api/src/admin-roster/remove-admin.handle.ts';
import { commandRig, systemContext } from '../../../support/command-rig.ts';

const ann = { grantId: randomUUID(), userId: randomUUID() };
const bob = { grantId: randomUUID(), userId: randomUUID() };
const demotion = { kind: 'demotion', to: 'user' } as const;

const rosterOf = async (...listed: readonly (typeof ann)[]) => {
  const { log } = commandRig();
  for (const data of listed) {
    const { end } = await log.read(ADMIN_ROSTER);
    await log.append(ADMIN_ROSTER, end, [{ type: 'AdminListed', data, personal: null }], systemContext());
  }
  const unlist = async ({ grantId, userId }: typeof ann) =>
    unlistGrant(log, await readRoster(log), grantId, userId, demotion, systemContext());
  return { unlist, listed: async () => [...(await readRoster(log)).roster.listed.values()] };
};

test('An administrator is unlisted while another one stays', async () => {
  const { unlist, listed } = await rosterOf(ann, bob);
  expect(await unlist(ann)).toBe('again');
  expect(await listed()).toStrictEqual([bob.userId]);
  expect(await unlist(ann)).toBe('unlisted');
});

test('The last one who is listed stays, and so does the last one beside a grant that was never listed', async () => {
  const { unlist, listed } = await rosterOf(ann);
  expect(await unlist(ann)).toStrictEqual({ rejection: 'last_admin' });
  expect(await unlist(bob)).toBe('again');
  expect(await unlist(ann)).toStrictEqual({ rejection: 'last_admin' });
  expect(await listed()).toStrictEqual([ann.userId]);
});
