import { describe, expect, test } from '@jest/globals';
import { Attempts } from '../../../../command-api/src/command/attempts.ts';
import { KEY_LIFETIME } from '../../../../command-api/src/command/command.ts';
import { userStream } from '@rollbook/shared/contracts/streams';
import { AGAIN } from '@rollbook/shared/event-log/rounds';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import { aCommand } from '../../../support/command-rig.ts';
import { AT, history, idAt, PERSON_ID } from '../../../support/given.ts';
import { registered, verified } from '../../../support/happenings.ts';

const WRITTEN = fromInstant(AT);
const command = aCommand();
const clockAt = (now: number) => ({ now: () => now, sleep: () => Promise.resolve() });
/** What the first attempt of the command did. */
const done = history(userStream(PERSON_ID), [{ event: registered(), commandId: command.idOf(0) }]);

describe('An execution of a command', () => {
  test('finds what the command did before, for 24 hours', () => {
    const attempts = new Attempts(command, clockAt(WRITTEN + KEY_LIFETIME));
    expect(attempts.effectIn(done)).toMatchObject({ last: { id: idAt(0) }, person: { id: PERSON_ID } });
    expect(attempts.commandId).toBe(command.idOf(0));
  });

  test('takes the same key for a new command after that', () => {
    const attempts = new Attempts(command, clockAt(WRITTEN + KEY_LIFETIME + 1));
    expect(attempts.effectIn(done)).toBe(AGAIN);
    expect(attempts.commandId).toBe(command.idOf(1));
    expect(attempts.effectIn(done)).toBeNull();
    const again = [
      ...done,
      ...history(userStream(PERSON_ID), [{ event: verified(PERSON_ID), commandId: command.idOf(1) }]),
    ];
    expect(attempts.effectIn(again)).toBe(AGAIN);
    expect(attempts.commandId).toBe(command.idOf(2));
  });

  test('never does so for the system', () => {
    const attempts = new Attempts({ ...command, lifetime: Infinity }, clockAt(Number.MAX_SAFE_INTEGER));
    expect(attempts.effectIn(done)).toMatchObject({ last: { id: idAt(0) } });
  });

  test('finds nothing where the command did nothing, and moves on when it is told to', () => {
    const attempts = new Attempts(command, clockAt(WRITTEN));
    expect(attempts.effectIn([])).toBeNull();
    expect(attempts.next()).toBe(AGAIN);
    expect([attempts.commandId, attempts.effectIn(done)]).toStrictEqual([command.idOf(1), null]);
  });
});
