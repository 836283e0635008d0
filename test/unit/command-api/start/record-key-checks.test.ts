import { describe, expect, test } from '@jest/globals';
import { SERVICE } from '@rollbook/shared/contracts/streams';
import {
  foldKeyChecks,
  keyCheck,
  mismatchedKeys,
  requireMatchingKeys,
} from '@rollbook/shared/personal-data/key-checks';
import { recordKeyChecks } from '../../../../command-api/src/service-keys/record-key-checks.handle.ts';
import { commandRig, systemContext } from '../../../support/command-rig.ts';

const secret = (fill: number): Buffer => Buffer.alloc(32, fill);
const keys = {
  digestKey: secret(1),
  peppers: [{ id: 'p1', secret: secret(2) }],
  masterKeys: [{ id: 'm1', secret: secret(3) }],
};
const record = (rig: ReturnType<typeof commandRig>, given = keys) => recordKeyChecks(rig, given, systemContext());
const eventsOf = async (rig: ReturnType<typeof commandRig>) =>
  (await rig.log.read(SERVICE)).events.map(({ type, data }) => ({ type, data }));

describe('The log remembers which keys it is written with', () => {
  test('in its very first event, by values that tell nothing of the keys', async () => {
    const rig = commandRig();
    expect(await record(rig)).toStrictEqual([]);
    expect(await eventsOf(rig)).toStrictEqual([
      {
        type: 'KeyChecksRecorded',
        data: {
          digestKey: keyCheck(secret(1), 'digest'),
          peppers: { p1: keyCheck(secret(2), 'pepper') },
          masterKeys: { m1: keyCheck(secret(3), 'master-key') },
        },
      },
    ]);
    const { events } = await rig.store.readAll({ after: null });
    expect(events[0]?.stream).toBe(SERVICE);
    for (const fill of [1, 2, 3])
      for (const form of ['hex', 'base64', 'base64url'] as const)
        expect(JSON.stringify(events)).not.toContain(secret(fill).toString(form));
  });

  test('once, however often the service starts and however many start at once', async () => {
    const rig = commandRig();
    await Promise.all([record(rig), record(rig), record(rig)]);
    await record(rig);
    expect(await eventsOf(rig)).toHaveLength(1);
  });

  test('and adds each new pepper and master key before its first use', async () => {
    const rig = commandRig();
    await record(rig);
    const rotated = {
      ...keys,
      peppers: [{ id: 'p2', secret: secret(4) }, ...keys.peppers],
      masterKeys: [{ id: 'm2', secret: secret(5) }, ...keys.masterKeys],
    };
    expect(await record(rig, rotated)).toStrictEqual([]);
    expect(await record(rig, rotated)).toStrictEqual([]);
    expect((await eventsOf(rig)).slice(1)).toStrictEqual([
      { type: 'KeyCheckAdded', data: { kind: 'pepper', id: 'p2', check: keyCheck(secret(4), 'pepper') } },
      { type: 'KeyCheckAdded', data: { kind: 'master-key', id: 'm2', check: keyCheck(secret(5), 'master-key') } },
    ]);
    const other = { ...rotated, peppers: [{ id: 'p2', secret: secret(9) }] };
    expect(await record(rig, other)).toStrictEqual(['PASSWORD_PEPPER (id p2)']);
  });
});

describe('Keys that do not match the log', () => {
  test.each([
    ['DIGEST_KEY', { ...keys, digestKey: secret(9) }],
    ['PASSWORD_PEPPER (id p1)', { ...keys, peppers: [{ id: 'p1', secret: secret(9) }] }],
    ['MASTER_KEY (id m1)', { ...keys, masterKeys: [{ id: 'm1', secret: secret(9) }] }],
  ])('are named: %s, and nothing is written', async (name, given) => {
    const rig = commandRig();
    await record(rig);
    expect(await record(rig, given)).toStrictEqual([name]);
    expect(await eventsOf(rig)).toHaveLength(1);
  });

  test('are all named at once', async () => {
    const rig = commandRig();
    await record(rig);
    const all = {
      digestKey: secret(9),
      peppers: [{ id: 'p1', secret: secret(9) }],
      masterKeys: [{ id: 'm1', secret: secret(9) }],
    };
    expect(await record(rig, all)).toHaveLength(3);
  });

  test('are told by a service that holds the master key alone', async () => {
    const rig = commandRig();
    await record(rig);
    await requireMatchingKeys(rig.log, { masterKeys: keys.masterKeys });
    const wrong = { masterKeys: [{ id: 'm1', secret: secret(9) }] };
    await expect(requireMatchingKeys(rig.log, wrong)).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/^MASTER_KEY \(id m1\) is not /) as unknown,
    });
    await requireMatchingKeys(rig.log, { masterKeys: [{ id: 'm7', secret: secret(9) }] });
  });

  test('cannot be told where nothing is recorded yet', () => {
    expect(mismatchedKeys(foldKeyChecks({ events: [] }), keys)).toStrictEqual([]);
  });

  test('of one kind prove nothing for the other', () => {
    expect(keyCheck(secret(1), 'pepper')).not.toBe(keyCheck(secret(1), 'master-key'));
  });
});
