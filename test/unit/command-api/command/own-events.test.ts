import { describe, expect, test } from '@jest/globals';
import { ownEffect } from '../../../../command-api/src/command/own-events.ts';
import { userStream } from '@rollbook/shared/contracts/streams';
import { COMMAND_ID, history, idAt, PERSON_ID } from '../../../support/given.ts';
import {
  abandoned,
  forfeited,
  registered,
  USERNAME_CLAIM,
  verificationRequested,
  verified,
} from '../../../support/happenings.ts';

const LATER = '66666666-6666-4666-8666-666666666666';
const stream = userStream(PERSON_ID);

describe('The effect of a command', () => {
  test('is the person right after its last event, whatever came later', () => {
    const events = history(stream, [
      registered(),
      verificationRequested(),
      { event: verified(idAt(1)), commandId: LATER },
    ]);
    const effect = ownEffect(events, COMMAND_ID);
    expect(effect?.last.id).toBe(idAt(1));
    expect(effect?.person.status).toBe('pending');
    expect(ownEffect(events, LATER)?.person.status).toBe('active');
  });

  test('is nothing when the command wrote nothing here', () => {
    expect(ownEffect(history(stream, [registered()]), LATER)).toBeNull();
    expect(ownEffect([], COMMAND_ID)).toBeNull();
  });

  test('is not a fence that it set up in passing', () => {
    expect(ownEffect(history(stream, [abandoned]), COMMAND_ID)).toBeNull();
    const fence = { event: forfeited(USERNAME_CLAIM), commandId: LATER };
    expect(ownEffect(history(stream, [registered(), fence]), LATER)).toBeNull();
  });
});
