import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derivedUsernames } from '../../../../command-api/src/user/register-user/derived-username.ts';
import { username } from '../../../../command-api/src/input/fields.ts';
import { COMMAND_ID } from '../../../support/given.ts';

const first = (email: string) => derivedUsernames(email, COMMAND_ID)[0];

describe('A username that nobody chose', () => {
  test.each([
    ['ada@example.com', 'ada'],
    ['test_user_1042@example.com', 'test_user_1042'],
    ['john.doe@example.com', 'john-doe'],
    ['john+shop@example.com', 'john-shop'],
    ['_._x_._@example.com', 'user-x'],
    ['jo@example.com', 'user-jo'],
    ["'@example.com", 'user'],
    [`${'a'.repeat(64)}@example.com`, 'a'.repeat(40)],
    [`${'a'.repeat(39)}.b@example.com`, 'a'.repeat(39)],
  ])('of %s is %s', (email, expected) => {
    expect(first(email)).toBe(expected);
  });

  test('gets a short suffix from the command when it is taken, then a longer one', () => {
    expect(derivedUsernames('ada@example.com', '01234567-89ab-4cde-8f01-23456789abcd')).toStrictEqual([
      'ada',
      'ada-0123',
      'ada-456789ab',
    ]);
  });

  test('is the same for every execution of a command, and another for another command', () => {
    expect(derivedUsernames('ada@example.com', COMMAND_ID)).toStrictEqual(
      derivedUsernames('ada@example.com', COMMAND_ID),
    );
    expect(derivedUsernames('ada@example.com', COMMAND_ID)[1]).not.toBe(
      derivedUsernames('ada@example.com', '01234567-89ab-4cde-8f01-23456789abcd')[1],
    );
  });

  test('is always one that could have been chosen', () => {
    const local = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/);
    fc.assert(
      fc.property(local, fc.uuid(), (part, commandId) => {
        for (const name of derivedUsernames(`${part}@example.com`, commandId))
          expect(username.safeParse(name).success).toBe(true);
      }),
    );
  });
});
