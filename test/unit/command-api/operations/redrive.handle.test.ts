import { describe, expect, test } from '@jest/globals';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Role } from '@rollbook/shared/contracts/roles';
import { DAY } from '@rollbook/shared/kernel/clock';
import type { Caller } from '@rollbook/shared/person/authority';
import type { Command } from '../../../../command-api/src/command/command.ts';
import { decideRedrive } from '../../../../command-api/src/operations/redrive/redrive.decide.ts';
import { redrive } from '../../../../command-api/src/operations/redrive/redrive.handle.ts';
import { aCommand, commandRig } from '../../../support/command-rig.ts';
import { PERSON_ID } from '../../../support/given.ts';

const EVENT_ID = '3f0c9a52-6d3e-4f0b-9d0e-2f6f1a2b3c4d';
const PARKED = { what: 'parked_event', id: EVENT_ID } as const;

/** Somebody of the role, in front of one parked event. */
const someoneOf = (role: Role = 'admin') => {
  const rig = commandRig();
  let caller: Caller | Rejection = { userId: PERSON_ID, sessionId: PERSON_ID, role };
  const standing = new Set([EVENT_ID]);
  const ports = {
    ...rig,
    authority: { check: () => Promise.resolve(caller) },
    stoppedThings: { has: ({ id }: { id: string }) => Promise.resolve(standing.has(id)) },
  };
  const ask = (command: Command) => redrive(ports, command, PARKED);
  const asked = async (command: Command) => {
    const event = await ask(command);
    if (isRejection(event)) throw new Error(event.rejection);
    return event;
  };
  const become = (next: Caller | Rejection): void => {
    caller = next;
  };
  const stored = () => rig.store.read('operations');
  return { rig, standing, ask, asked, become, stored };
};

describe('Deciding whether something is tried again', () => {
  test('an administrator may have it tried again while it stands still', () => {
    expect(decideRedrive({ role: 'admin' }, PARKED, true)).toStrictEqual([
      { type: 'RedriveRequested', data: PARKED, personal: null },
    ]);
  });

  test('what does not stand still is not there', () => {
    expect(decideRedrive({ role: 'admin' }, PARKED, false)).toStrictEqual(reject('not_found'));
  });

  test.each(['user', 'moderator', 'manager', 'auditor'] as const)('a %s may not, whatever stands still', (role) => {
    expect(decideRedrive({ role }, PARKED, true)).toStrictEqual(reject('forbidden'));
    expect(decideRedrive({ role }, PARKED, false)).toStrictEqual(reject('forbidden'));
  });
});

describe('Asking for something to be tried again', () => {
  test('is an event that says who asked and for what', async () => {
    const { asked, stored } = someoneOf();
    await asked(aCommand());
    expect(await stored()).toMatchObject([
      { type: 'RedriveRequested', data: PARKED, metadata: { actor: { kind: 'person', id: PERSON_ID } } },
    ]);
  });

  test('sent again with its key is the same request, also when the thing has long gone on', async () => {
    const { asked, standing, stored } = someoneOf();
    const first = await asked(aCommand('one'));
    standing.clear();
    expect(await asked(aCommand('one'))).toStrictEqual(first);
    expect(await stored()).toHaveLength(1);
  });

  test('twice at once under one key makes one request', async () => {
    const { asked, stored } = someoneOf();
    const [one, other] = await Promise.all([asked(aCommand('one')), asked(aCommand('one'))]);
    expect(one).toStrictEqual(other);
    expect(await stored()).toHaveLength(1);
  });

  test('under a key that is older than a day is a request of its own', async () => {
    const { asked, rig, stored } = someoneOf();
    await asked(aCommand('one'));
    rig.clock.pass(DAY + 1);
    await asked(aCommand('one'));
    expect(await stored()).toHaveLength(2);
  });

  test('with If-Match is refused: nothing that could match is named', async () => {
    const { ask, stored } = someoneOf();
    expect(await ask({ ...aCommand(), ifMatch: '*' })).toStrictEqual(reject('precondition_failed'));
    expect(await stored()).toStrictEqual([]);
  });

  test('is answered to nobody who is no administrator any more, not even again', async () => {
    const { ask, asked, become } = someoneOf();
    await asked(aCommand('one'));
    become({ userId: PERSON_ID, sessionId: PERSON_ID, role: 'manager' });
    expect(await ask(aCommand('one'))).toStrictEqual(reject('forbidden'));
    become(reject('session_ended'));
    expect(await ask(aCommand('one'))).toStrictEqual(reject('session_ended'));
  });
});
