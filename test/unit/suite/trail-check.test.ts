import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { OperationId } from '@rollbook/shared/contracts/operations';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { registered } from '../../support/happenings.ts';
import { checkTrail } from '../../support/trail/check-trail.ts';
import type { AnsweredCommand } from '../../support/trail/record-commands.ts';

const tokenOf = (claims: object): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

const answered = (operation: OperationId, more: Partial<AnsweredCommand> = {}): AnsweredCommand => ({
  ...{ operation, url: '/v1/x', params: { id: PERSON_ID }, requestId: `req-${randomUUID()}`, key: null, body: {} },
  ...{ bearer: tokenOf({ sub: PERSON_ID, role: 'user' }), cookie: null, digest: '', status: 200, code: null },
  ...{ from: Date.parse('2026-01-02T04:00:00Z'), until: Date.parse('2026-01-02T04:00:01Z') },
  ...more,
});

/** What is found of these commands where the log holds the registration of one person, whose phone is none. */
const check = async (commands: readonly AnsweredCommand[], ...more: readonly (readonly [string, AnyNewEvent])[]) => {
  const rig = commandRig();
  const stream = userStream(PERSON_ID);
  await rig.log.append(stream, EMPTY_STREAM, [registered({}, { phone: null })], systemContext());
  for (const [requestId, event] of more)
    await rig.log.append(stream, (await rig.log.read(stream)).end, [event], { ...systemContext(), requestId });
  const { events } = await rig.log.readAll({ after: null });
  const found = checkTrail({ events, commands, isLimited: false, isPrivate: false });
  return { missing: found.missing.length, excused: Object.keys(found.excused) };
};
const phone: AnyNewEvent = { type: 'ProfileChanged', data: { fields: ['phone'] }, personal: { phone: '+1-555-0123' } };
const changed = (more: Partial<AnsweredCommand> = {}) =>
  answered('updateUser', { body: { phone: '+1-555-0123' }, ...more });

describe('A command that was accepted', () => {
  test('and has its event is in the trail', async () => {
    const command = changed();
    expect(await check([command], [command.requestId, phone])).toStrictEqual({ missing: 0, excused: [] });
  });

  test('and forgot its event is found: the person does not have what was asked for', async () => {
    expect(await check([changed()])).toStrictEqual({ missing: 1, excused: [] });
  });

  test('and forgot its event is found also where another command did the same before it or after it', async () => {
    const undone: AnyNewEvent = { ...phone, personal: { phone: null } };
    const later = { from: Date.parse('2026-01-02T04:00:00Z'), until: Date.parse('2026-01-02T04:00:01Z') };
    expect(await check([changed(later)], ['other', phone], ['another', undone])).toStrictEqual({
      missing: 1,
      excused: [],
    });
  });

  test('and changes nothing is excused, and listed as that', async () => {
    expect(await check([answered('updateUser', { body: { phone: null } })])).toStrictEqual({
      missing: 0,
      excused: ['updateUser: no change: the person is already what was asked for'],
    });
  });

  test('is a repeat only of one that has its event', async () => {
    const first = changed({ key: 'k' });
    const again = changed({ key: 'k' });
    expect((await check([first, again], [first.requestId, phone])).missing).toBe(0);
    expect((await check([first, again])).missing).toBe(2);
  });

  test.each(['login', 'registerUser', 'verifyEmail', 'changePassword', 'createApiKey'] as const)(
    'needs its event, whatever the state is: %s',
    async (operation) => {
      expect((await check([answered(operation)])).missing).toBe(1);
    },
  );

  test('of which nobody is told is excused only where there is nobody to be mailed', async () => {
    const ask = (email: string) => answered('requestPasswordReset', { status: 202, body: { email } });
    expect((await check([ask('nobody@example.com')])).missing).toBe(0);
    expect((await check([ask('ada@example.com')])).missing).toBe(1);
  });
});

describe('A command that was refused for want of a role', () => {
  const other = { params: { id: '55555555-5555-4555-8555-555555555555' }, body: { role: 'admin' } };
  const hidden = answered('assignRole', { ...other, status: 404, code: 'NOT_FOUND' });

  test.each([
    ['as forbidden', answered('assignRole', { ...other, status: 403, code: 'FORBIDDEN' })],
    ['as if nobody were there', hidden],
    ['to keep the last administrator', answered('deleteUser', { status: 409, code: 'LAST_ADMIN' })],
  ])('and is not recorded is found: %s', async (_how, command) => {
    expect((await check([command])).missing).toBe(1);
  });

  test('is looked for by nobody where it was not about a role', async () => {
    const admin = tokenOf({ sub: PERSON_ID, role: 'admin' });
    const commands = [
      answered('assignRole', { ...other, bearer: admin, status: 404, code: 'NOT_FOUND' }),
      answered('refresh', { status: 403, code: 'FORBIDDEN' }),
      answered('login', { status: 403, code: 'EMAIL_NOT_VERIFIED' }),
      answered('updateUser', { status: 409, code: 'CONFLICT' }),
    ];
    expect((await check(commands)).missing).toBe(0);
  });
});
