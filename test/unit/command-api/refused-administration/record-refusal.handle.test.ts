import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { signinStream } from '@rollbook/shared/contracts/streams';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { recordRefusal } from '../../../../command-api/src/refused-administration/record-refusal.handle.ts';
import { KEY_LIFETIME } from '../../../../command-api/src/command/command.ts';
import { lastLogin } from '../../../../command-api/src/session/tokens-answer.ts';
import { aCommand, commandRig, systemContext } from '../../../support/command-rig.ts';
import { PERSON_ID } from '../../../support/given.ts';

const REFUSED: AnyNewEvent = {
  type: 'AdministrationRefused',
  data: { operation: 'assignRole', parts: [], target: PERSON_ID, role: 'admin', reason: 'forbidden' },
  personal: null,
};

const scene = () => {
  const rig = commandRig();
  const refuse = (seed?: string) => recordRefusal(rig, aCommand(seed), PERSON_ID, REFUSED);
  const recorded = async () => (await rig.log.read(signinStream(PERSON_ID))).events;
  return { rig, refuse, recorded };
};

describe('A refused attempt', () => {
  test('stands in the sign-in stream of whoever asked, with the request’s id', async () => {
    const { refuse, recorded } = scene();
    await refuse();
    const [event, ...more] = await recorded();
    expect(more).toStrictEqual([]);
    expect(event).toMatchObject({
      ...REFUSED,
      origin: { address: '192.0.2.7' },
      metadata: { actor: { kind: 'person', id: PERSON_ID }, requestId: 'req_test' },
    });
  });

  test('is recorded once for a command that is sent again with its key, and each time without one', async () => {
    const { refuse, recorded } = scene();
    await refuse('key');
    await refuse('key');
    expect(await recorded()).toHaveLength(1);
    await refuse('another key');
    await refuse();
    await refuse();
    expect(await recorded()).toHaveLength(4);
  });

  test('is recorded once when the same command runs several times at once', async () => {
    const { refuse, recorded } = scene();
    await Promise.all([refuse('key'), refuse('key'), refuse('key'), refuse('other')]);
    expect(await recorded()).toHaveLength(2);
  });

  test('is a new one when the key has outlived its day', async () => {
    const { rig, refuse, recorded } = scene();
    await refuse('key');
    rig.clock.pass(KEY_LIFETIME + 1);
    await refuse('key');
    expect(await recorded()).toHaveLength(2);
  });

  test('is recorded again, not lost, when more stands behind the first than is looked through', async () => {
    const { refuse, recorded } = scene();
    await refuse('key');
    for (let count = 0; count < 60; count += 1) await refuse();
    await refuse('key');
    expect(await recorded()).toHaveLength(62);
  });

  test('hides no sign-in before it, however many there are', async () => {
    const { rig, refuse, recorded } = scene();
    const signedIn = { type: 'SignedIn', data: { sessionId: PERSON_ID }, personal: null } as const;
    await rig.log.append(signinStream(PERSON_ID), EMPTY_STREAM, [signedIn], systemContext());
    const [first] = await recorded();
    rig.clock.pass(1_000);
    for (let count = 0; count < 600; count += 1) await refuse();
    expect(await lastLogin(rig.log, PERSON_ID, (await recorded()).at(-1)?.recordedAt ?? '')).toBe(first?.recordedAt);
  });

  test('is not answered while the log is away', async () => {
    const { rig } = scene();
    const away = () => Promise.reject(new StoreUnavailable('The log is away'));
    const log = { ...rig.log, read: rig.log.read.bind(rig.log), append: away };
    await expect(recordRefusal({ ...rig, log }, aCommand(), PERSON_ID, REFUSED)).rejects.toThrow(StoreUnavailable);
  });
});
