import { describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { ErasedKeys } from '@rollbook/shared/personal-data/erased-keys';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { registeredByStaff } from '../../support/happenings.ts';

const erased = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null } as const;
const OTHER_ID = '99999999-9999-4999-8999-999999999999';

/** Somebody who is erased in the log while their key lives, as after a backup of the keys was put back; and another. */
const restored = async () => {
  const rig = commandRig();
  const context = systemContext();
  await rig.log.append(userStream(PERSON_ID), EMPTY_STREAM, [registeredByStaff, erased], context);
  await rig.log.append(userStream(OTHER_ID), EMPTY_STREAM, [registeredByStaff], context);
  const faults: unknown[] = [];
  const options = { ...rig, onFault: (fault: unknown) => faults.push(fault) };
  return { rig, options, faults, signal: new AbortController().signal };
};

describe('A service that starts', () => {
  test('is not ready before the keys of whoever was erased are destroyed, and keeps the others', async () => {
    const { rig, options, signal } = await restored();
    const sweep = new ErasedKeys(options);
    await expect(sweep.check()).rejects.toThrow('looked through');
    await sweep.run(signal);
    await expect(sweep.check()).resolves.toBeUndefined();
    expect(await rig.keys.find(PERSON_ID)).toBe('destroyed');
    expect(await rig.keys.find(OTHER_ID)).toMatchObject({ keyId: expect.any(String) as unknown });
  });

  test('tries again when the keys cannot be asked, and is not ready meanwhile', async () => {
    const { rig, options, faults, signal } = await restored();
    const checks: Promise<string>[] = [];
    const sweep: ErasedKeys = new ErasedKeys({
      ...options,
      clock: { now: () => options.clock.now(), sleep: () => Promise.resolve() },
      keys: {
        destroy: (subject) => rig.keys.destroy(subject),
        findMany: (subjects) => {
          checks.push(
            sweep.check().then(
              () => 'ready',
              () => 'not ready',
            ),
          );
          return checks.length < 3 ? Promise.reject(new Error('away')) : rig.keys.findMany(subjects);
        },
      },
    });
    await sweep.run(signal);
    expect(await Promise.all(checks)).toEqual(['not ready', 'not ready', 'not ready']);
    expect(faults).toHaveLength(2);
    await expect(sweep.check()).resolves.toBeUndefined();
  });

  test('is never ready for that when it stops before', async () => {
    const { options } = await restored();
    const sweep = new ErasedKeys(options);
    await sweep.run(AbortSignal.abort());
    await expect(sweep.check()).rejects.toThrow('looked through');
  });
});
